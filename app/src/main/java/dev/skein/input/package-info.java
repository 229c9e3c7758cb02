/**
 * From files and words to a model's tensors and back to words: images, text, {@code .npy}, labels,
 * and the catalogue of models and data sets that Skein knows. Reads no network. May import {@code
 * tensor} and {@code graph}.
 */
@NullMarked
package dev.skein.input;

import org.jspecify.annotations.NullMarked;
