#![no_std]
#![no_main]
board::firmware!(StreamFrame);
