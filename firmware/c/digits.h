/* Handwritten digits: a network in flash, and a head for it that learns in RAM.
   No function allocates, fails or panics. One thread calls them, and no interrupt. No pointer is null. */
#ifndef DIGITS_H
#define DIGITS_H

#include <stdint.h>

#define DIGITS_PIXELS 64  /* 8 rows of 8 pixels, from 0 to 1 */
#define DIGITS_CLASSES 10 /* a logit each */

/* What the network says that PyTorch has trained. */
void digits_infer(const float pixels[DIGITS_PIXELS], float logits[DIGITS_CLASSES]);

/* What it says with the head that learns here, all zeros at first. */
void digits_infer_tuned(const float pixels[DIGITS_PIXELS], float logits[DIGITS_CLASSES]);

/* Teaches the head one image by a step with Adam, and returns the loss before; NaN, and nothing learnt, if the label is above 9. */
float digits_learn(const float pixels[DIGITS_PIXELS], uint8_t label);

#endif
