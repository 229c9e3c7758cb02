/**
 * Models at work: sessions over ONNX Runtime, what shapes their values take, how long their
 * operators need. The only room that sees ONNX Runtime. May import {@code graph}, {@code onnx} and
 * {@code tensor}.
 */
@NullMarked
package dev.skein.engine;

import org.jspecify.annotations.NullMarked;
