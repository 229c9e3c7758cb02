/**
 * Who is here: nodes find each other, notice within seconds who has gone, and come together again
 * after a partition; and the identity a node keeps on disk. The only user of JGroups. Meant for a
 * trusted network: what arrives is bounded and checked, but nobody is authenticated. May import
 * nothing else of Skein.
 */
@NullMarked
package dev.skein.member;

import org.jspecify.annotations.NullMarked;
