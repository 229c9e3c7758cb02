/**
 * What is done to a model without changing what it computes: one class for each pass, and {@link
 * dev.skein.rewrite.Rewriter}, which applies them. A pass looks at a {@link
 * dev.skein.rewrite.Scope} and returns a patch; it never runs the model. May import {@code graph}
 * and {@code tensor}.
 */
@NullMarked
package dev.skein.rewrite;

import org.jspecify.annotations.NullMarked;
