/** Element types, shapes and tensors over off-heap memory. Imports no other room. */
@NullMarked
package dev.skein.tensor;

import org.jspecify.annotations.NullMarked;
