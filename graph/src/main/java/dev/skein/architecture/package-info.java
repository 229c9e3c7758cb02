/**
 * Architectures that papers measure, built as ordinary models with seeded random weights, for when
 * no file is at hand: what they take in time and memory is real, what they answer is not. May
 * import {@code graph} and {@code tensor}.
 */
@NullMarked
package dev.skein.architecture;

import org.jspecify.annotations.NullMarked;
