package dev.skein.graph;

import dev.skein.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A model without its large weights: each is replaced by the address of its content, so that the
 * structure can travel alone and equal weights are kept once.
 */
public final class Skeleton {
  private static final long HASH_STEP = 1 << 20;

  private Skeleton() {}

  /**
   * @param blobs values by the SHA-256 of their bytes; weights of equal bytes share one
   */
  public record Split(Model skeleton, Map<String, Tensor> blobs) {
    public Split {
      blobs = Collections.unmodifiableMap(new LinkedHashMap<>(blobs));
    }
  }

  /** Replaces every held weight of at least {@code minBytes}, those in attributes included. */
  public static Split of(Model model, long minBytes) {
    Map<String, Tensor> blobs = new LinkedHashMap<>();
    Graph graph =
        Weights.map(
            model.graph(),
            weight -> {
              if (!(weight instanceof Weight.Held(Tensor tensor)) || tensor.bytes() < minBytes) {
                return weight;
              }
              String address = sha256(tensor.data());
              blobs.putIfAbsent(address, tensor);
              return new Weight.Addressed(weight.type(), tensor.shape(), address);
            });
    return new Split(model.with(graph), blobs);
  }

  /** The addresses that a skeleton refers to, each content once, in order of appearance. */
  public static List<Weight.Addressed> addresses(Model skeleton) {
    Set<String> seen = new LinkedHashSet<>();
    List<Weight.Addressed> addresses = new ArrayList<>();
    Weights.map(
        skeleton.graph(),
        weight -> {
          if (weight instanceof Weight.Addressed addressed && seen.add(addressed.sha256())) {
            addresses.add(addressed);
          }
          return weight;
        });
    return addresses;
  }

  /**
   * Puts the values back.
   *
   * @param source gives a tensor with the addressed bytes; its type and shape do not matter, as
   *     weights of equal bytes share one
   * @throws GraphException if a tensor has another number of bytes
   */
  public static Model bind(Model skeleton, Function<Weight.Addressed, Tensor> source) {
    return skeleton.with(
        Weights.map(
            skeleton.graph(),
            weight ->
                weight instanceof Weight.Addressed addressed
                    ? held(addressed, source.apply(addressed))
                    : weight));
  }

  private static Weight held(Weight.Addressed addressed, Tensor found) {
    if (found.bytes() != addressed.bytes()) {
      throw new GraphException(
          "weight %s of type %s needs %d bytes, its source gave %d"
              .formatted(addressed.sha256(), addressed.type(), addressed.bytes(), found.bytes()));
    }
    return new Weight.Held(new Tensor(addressed.type().element(), addressed.shape(), found.data()));
  }

  private static String sha256(MemorySegment data) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (long at = 0; at < data.byteSize(); at += HASH_STEP) {
        long size = Math.min(HASH_STEP, data.byteSize() - at);
        digest.update(data.asSlice(at, size).asByteBuffer());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
