/**
 * Decides what is done to a model for this device: applies passes, runs the model before and after,
 * and keeps only what leaves its results equal and does not cost time. Also calibrates and scores
 * quantised models. May import {@code input}, {@code engine}, {@code cost}, {@code elastic}, {@code
 * quantize}, {@code slice}, {@code rewrite}, {@code architecture} and what is below them.
 */
@NullMarked
package dev.skein.optimize;

import org.jspecify.annotations.NullMarked;
