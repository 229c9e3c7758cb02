/**
 * Nodes talking to each other: commands, tensors and blobs over gRPC, and the emulation of slow
 * links under it. The only room that sees gRPC, Netty or Protobuf; its own types are all records
 * outside. May import {@code tensor} and {@code graph}.
 */
@NullMarked
package dev.skein.wire;

import org.jspecify.annotations.NullMarked;
