/**
 * Models in fewer bits: static and dynamic int8, float16 storage; histograms that turn what was
 * seen of a value into the range it is given. Passes here change results a little, so they are
 * asked for by name and judged by accuracy. Never runs a model. May import {@code rewrite}, {@code
 * graph} and {@code tensor}.
 */
@NullMarked
package dev.skein.quantize;

import org.jspecify.annotations.NullMarked;
