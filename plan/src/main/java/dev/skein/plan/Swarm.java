package dev.skein.plan;

import dev.skein.cost.DeviceProfile;
import dev.skein.cost.LinkProfile;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of who is there and how they reach each other.
 *
 * @param links {@code links[from][to]}, square, with a row and a column for every device and, if
 *     the requester is none of them, last ones for it; null where there is no way (the diagonal is
 *     never read)
 * @param requester who asks and gets the answer: an index in {@code devices}, or their number if
 *     the requester computes nothing itself
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out
public record Swarm(List<DeviceProfile> devices, @Nullable LinkProfile[][] links, int requester) {
  public Swarm {
    devices = List.copyOf(devices);
    links = copy(links);
    if (requester < 0 || requester > devices.size()) {
      throw new IllegalArgumentException(
          "requester %d is neither one of %d devices nor the one after them"
              .formatted(requester, devices.size()));
    }
    int least = Math.max(devices.size(), requester + 1);
    if (links.length < least || Arrays.stream(links).anyMatch(row -> row.length < least)) {
      throw new IllegalArgumentException(
          "%d devices and their requester need %d rows and columns of links"
              .formatted(devices.size(), least));
    }
  }

  @Override
  public @Nullable LinkProfile[][] links() {
    return copy(links);
  }

  /** The way from one to the other, or null if there is none. */
  public @Nullable LinkProfile link(int from, int to) {
    return links[from][to];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Swarm swarm
        && devices.equals(swarm.devices)
        && Arrays.deepEquals(links, swarm.links)
        && requester == swarm.requester;
  }

  @Override
  public int hashCode() {
    return 31 * (31 * devices.hashCode() + Arrays.deepHashCode(links)) + requester;
  }

  private static @Nullable LinkProfile[][] copy(@Nullable LinkProfile[][] links) {
    return Arrays.stream(links).map(row -> row.clone()).toArray(LinkProfile[][]::new);
  }
}
