package dev.skein.member;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The nodes in view, oldest first, and what they said of themselves. Immutable.
 *
 * @param <A> a node's address within the group
 */
record Roster<A>(List<A> view, Map<A, Announcement> known) {
  Roster {
    view = List.copyOf(view);
    known = Map.copyOf(known);
  }

  Roster<A> withView(List<A> newView) {
    Map<A, Announcement> kept = new HashMap<>(known);
    kept.keySet().retainAll(newView);
    return new Roster<>(newView, kept);
  }

  /**
   * An announcement by one who is not in view is ignored: it will be asked when it is. One that
   * comes late does not unsettle who is settled.
   */
  Roster<A> with(A from, Announcement announcement) {
    Announcement last = known.get(from);
    if (!view.contains(from) || (last != null && last.settled() && !announcement.settled())) {
      return this;
    }
    Map<A, Announcement> more = new HashMap<>(known);
    more.put(from, announcement);
    return new Roster<>(view, more);
  }

  /** Those in view who have not yet said who they are. */
  List<A> silent() {
    return view.stream().filter(a -> !known.containsKey(a)).toList();
  }

  /** Those in view who are not yet sure of their place, or silent. */
  List<A> unsettled() {
    return view.stream()
        .filter(a -> Optional.ofNullable(known.get(a)).map(k -> !k.settled()).orElse(true))
        .toList();
  }

  /** Settled nodes by name; of two with one id the one that came into view last. */
  List<Member> members() {
    Map<String, Member> byId = new LinkedHashMap<>();
    for (A address : view) {
      Announcement announcement = known.get(address);
      if (announcement != null && announcement.settled()) {
        byId.put(announcement.member().id(), announcement.member());
      }
    }
    return byId.values().stream()
        .sorted(Comparator.comparing(Member::name).thenComparing(Member::id))
        .toList();
  }

  /** Who has the better claim to the id of the node at {@code self}: settled, or longer in view. */
  Optional<Member> rival(A self, String id) {
    int place = view.indexOf(self);
    for (int i = 0; i < view.size(); i++) {
      Announcement other = known.get(view.get(i));
      if (i != place && other != null && other.member().id().equals(id)) {
        if (other.settled() || i < place) {
          return Optional.of(other.member());
        }
      }
    }
    return Optional.empty();
  }
}
