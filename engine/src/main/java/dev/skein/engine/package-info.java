/**
 * Models at work: sessions over ONNX Runtime, what shapes their values take, how long their
 * operators need, how they run in little memory or side by side. The only room that sees ONNX
 * Runtime. May import {@code slice}, {@code rewrite}, {@code graph}, {@code onnx} and {@code
 * tensor}.
 */
@NullMarked
package dev.skein.engine;

import org.jspecify.annotations.NullMarked;
