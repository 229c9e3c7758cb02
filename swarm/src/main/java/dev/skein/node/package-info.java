/**
 * One device of a swarm: puts membership, transport, store, worker and requester together. May
 * import every room of this module and what they may.
 */
@NullMarked
package dev.skein.node;

import org.jspecify.annotations.NullMarked;
