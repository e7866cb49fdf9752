//! Lines of text without the formatting machinery, which would weigh more than the programs.

use semihosting::sys::arm_compat::sys_writec;

/// A name and a number.
pub fn line(name: &str, mut number: u32, base: u32) {
    name.bytes().for_each(sys_writec);
    sys_writec(b' ');
    let mut digits = [0u8; 10];
    let mut count = 0;
    for digit in &mut digits {
        let value = (number % base) as u8;
        *digit = if value < 10 { b'0' + value } else { b'a' - 10 + value };
        number /= base;
        count += 1;
        if number == 0 {
            break;
        }
    }
    digits.iter().take(count).rev().for_each(|&digit| sys_writec(digit));
    sys_writec(b'\n');
}
