/**
 * ONNX files to {@link dev.skein.graph.Model} and back, losing nothing. The only room that sees the
 * ONNX protobufs. May import {@code graph} and {@code tensor}.
 */
@NullMarked
package dev.skein.onnx;

import org.jspecify.annotations.NullMarked;
