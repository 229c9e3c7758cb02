/**
 * The requester's side of distributed inference: deploys a plan, keeps requests in flight, recovers
 * when a node is lost. May import {@code wire}, {@code state}, {@code plan}, {@code cost} and
 * {@code graph}.
 */
@NullMarked
package dev.skein.infer;

import org.jspecify.annotations.NullMarked;
