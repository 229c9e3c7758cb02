package dev.skein.input;

import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Samples for one model, read when they are asked for; with labels or without. */
public final class LabelledData {
  /** What {@link Sample#label} is without a label. */
  public static final int NO_LABEL = -1;

  private final String name;
  private final List<Item> items;

  /**
   * One sample as the model takes it.
   *
   * @param name the file, or the place in one
   * @param label index of its class, or {@link #NO_LABEL}
   */
  public record Sample(String name, Map<String, Tensor> tensors, int label) {}

  /** A sample that is not read yet. */
  record Item(int label, Supplier<InputReader.Sample> source) {}

  LabelledData(String name, List<Item> items) {
    this.name = name;
    this.items = List.copyOf(items);
  }

  /** The folder, for messages. */
  public String name() {
    return name;
  }

  public int size() {
    return items.size();
  }

  /** Whether every sample has a label. */
  public boolean isLabelled() {
    return !items.isEmpty() && items.stream().allMatch(item -> item.label() != NO_LABEL);
  }

  /**
   * @throws InputException naming the file if it cannot be read or does not fit the model
   */
  public Sample sample(int index) {
    Item item = items.get(index);
    InputReader.Sample read = item.source().get();
    return new Sample(read.name(), read.tensors(), item.label());
  }

  /** The tensors of every sample, each read as it is reached. */
  public Iterable<Map<String, Tensor>> tensors() {
    return () -> {
      Iterator<Item> all = items.iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return all.hasNext();
        }

        @Override
        public Map<String, Tensor> next() {
          return all.next().source().get().tensors();
        }
      };
    };
  }

  /**
   * A random choice, the same for the same seed, in this data's order; and what is left of it.
   *
   * @param count samples to choose; all if there are no more
   */
  Division divide(int count, long seed) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, items.size()).boxed().toList());
    Collections.shuffle(order, new Random(seed));
    int chosen = Math.min(count, items.size());
    return new Division(part(order.subList(0, chosen)), part(order.subList(chosen, order.size())));
  }

  record Division(LabelledData chosen, LabelledData left) {}

  private LabelledData part(List<Integer> indices) {
    return new LabelledData(name, indices.stream().sorted().map(items::get).toList());
  }

  /** This data and more of the same kind. */
  LabelledData and(LabelledData more) {
    List<Item> all = new ArrayList<>(items);
    all.addAll(more.items);
    return new LabelledData(name, all);
  }
}
