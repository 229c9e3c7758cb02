/**
 * A model as an immutable graph: nodes in topological order, weights, cuts and the segments between
 * them. May import {@code tensor}.
 */
@NullMarked
package dev.skein.graph;

import org.jspecify.annotations.NullMarked;
