/**
 * Weights and models as content-addressed bytes: kept on disk within a budget, fetched from any
 * peer that has them. May import {@code wire}.
 */
@NullMarked
package dev.skein.store;

import org.jspecify.annotations.NullMarked;
