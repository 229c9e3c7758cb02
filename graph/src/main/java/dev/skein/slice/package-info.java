/**
 * Layers taken apart so that several devices or cores can work on one: by output channels, by input
 * channels, by rows with halo, and whole blocks by channel (DeColla; CoEdge and DeepThings for
 * rows). A piece is a model of its own; {@link dev.skein.slice.Merges} puts their results together.
 * May import {@code rewrite}, {@code graph} and {@code tensor}.
 */
@NullMarked
package dev.skein.slice;

import org.jspecify.annotations.NullMarked;
