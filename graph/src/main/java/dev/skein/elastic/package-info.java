/**
 * Compression operators: smaller models derived from a trained one, weights and all, without
 * retraining (CrowdHMTware III-A1). Unlike a rewrite, they change what a model computes. May import
 * {@code slice}, {@code rewrite}, {@code graph} and {@code tensor}.
 */
@NullMarked
package dev.skein.elastic;

import org.jspecify.annotations.NullMarked;
