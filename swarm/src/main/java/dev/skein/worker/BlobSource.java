package dev.skein.worker;

import dev.skein.store.Fetched;
import dev.skein.wire.BlobRef;
import java.time.Duration;
import java.util.Collection;

/** Where a worker gets structures and weights from: this node, its disk, or its peers. */
public interface BlobSource {
  /** All of the wanted blobs; fails with a one-line message if one cannot be had. */
  Fetched fetch(Collection<BlobRef> wanted, Duration deadline);
}
