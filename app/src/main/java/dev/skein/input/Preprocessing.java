package dev.skein.input;

import dev.skein.graph.Dim;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a picture becomes the input of a model. A channel's value is {@code (pixel * factor - mean) /
 * deviation} with pixels of 0 to 255.
 */
public record Preprocessing(Colours colours, Scaling scaling, Geometry geometry, Layout layout) {
  public enum Colours {
    RGB,
    BGR
  }

  /** Where the channels stand; {@code AUTO} takes what the model declares, else channels first. */
  public enum Layout {
    AUTO,
    NCHW,
    NHWC
  }

  /** What happens to a picture of another aspect ratio than the model's. */
  public enum Fit {
    CROP,
    STRETCH
  }

  /**
   * @param mean one number a channel, in the order of the colours
   * @param deviation one number a channel, none 0
   */
  public record Scaling(double factor, List<Double> mean, List<Double> deviation) {
    public Scaling {
      mean = List.copyOf(mean);
      deviation = List.copyOf(deviation);
    }

    float scale(float pixel, int channel) {
      return (float) ((pixel * factor - mean.get(channel)) / deviation.get(channel));
    }

    boolean sameForAll() {
      return mean.stream().distinct().count() == 1 && deviation.stream().distinct().count() == 1;
    }
  }

  /**
   * @param crop share of the shorter side that is kept around the centre, over 0 and at most 1
   * @param size what to scale to; null takes the model's
   */
  public record Geometry(Fit fit, double crop, @Nullable Size size) {}

  public record Size(int height, int width) {}

  /** Room for any picture that a model might take, little enough to allocate. */
  static final int MAX_SIDE = 8192;

  private static final int CHANNELS = 3;

  /** Where the axes of an input are, and how large. */
  private record Target(ElementType type, boolean channelsFirst, int channels, Size size) {}

  /**
   * Reads a recipe's name, settings, or a name with settings that change it, separated by commas:
   * {@code torch}, {@code unit,bgr}, {@code mobilenet,size=192,fit=stretch}, {@code
   * bgr,mean=103.9/116.8/123.7,std=1/1/1}.
   *
   * @throws InputException that names the part it does not understand
   */
  public static Preprocessing parse(String text) {
    return PreprocessingParser.parse(text);
  }

  /**
   * The tensor for one picture, with a batch axis of 1.
   *
   * @param input the model's declared input: float, float16 or uint8 of rank 4
   * @throws InputException if this model does not take a picture, or its size is nowhere given
   */
  public Tensor apply(BufferedImage image, Value input) {
    Target target = target(input);
    int height = target.size.height;
    int width = target.size.width;
    float[] planes = Resampler.resize(image, part(image, target.size), height, width);
    Shape shape =
        target.channelsFirst
            ? Shape.of(1, target.channels, height, width)
            : Shape.of(1, height, width, target.channels);
    Tensor tensor = Tensor.allocate(target.type, shape);
    int pixels = height * width;
    for (int channel = 0; channel < target.channels; channel++) {
      for (int at = 0; at < pixels; at++) {
        float value = scaling.scale(pixel(planes, pixels, at, target.channels, channel), channel);
        long to =
            target.channelsFirst
                ? (long) channel * pixels + at
                : (long) at * target.channels + channel;
        Elements.set(tensor, to, value);
      }
    }
    return tensor;
  }

  private float pixel(float[] planes, int pixels, int at, int channels, int channel) {
    if (channels == 1) {
      // Luma of ITU-R BT.601, which is what picture libraries call grey.
      return 0.299f * planes[at] + 0.587f * planes[pixels + at] + 0.114f * planes[2 * pixels + at];
    }
    return planes[(colours == Colours.RGB ? channel : CHANNELS - 1 - channel) * pixels + at];
  }

  /** The part of the picture that the model gets to see. */
  private Rectangle2D part(BufferedImage image, Size size) {
    double width = image.getWidth();
    double height = image.getHeight();
    if (geometry.fit == Fit.CROP) {
      double scale = Math.min(width / size.width, height / size.height) * geometry.crop;
      width = size.width * scale;
      height = size.height * scale;
    }
    return new Rectangle2D.Double(
        (image.getWidth() - width) / 2, (image.getHeight() - height) / 2, width, height);
  }

  private Target target(Value input) {
    TensorType type = input.type();
    List<Dim> dims = type == null ? null : type.dims();
    if (type == null || dims == null || dims.size() != 4) {
      throw new InputException(
          "input '%s' is %s, not a picture (4 axes): give it a .npy file"
              .formatted(input.name(), type == null ? "undeclared" : type));
    }
    boolean first =
        layout == Layout.NCHW || (layout == Layout.AUTO && !isChannels(dims.get(3), dims.get(1)));
    Dim channels = dims.get(first ? 1 : 3);
    long count = channels.isFixed() ? channels.size() : CHANNELS;
    boolean single = !dims.get(0).isFixed() || dims.get(0).size() == 1;
    if (!single || (count != CHANNELS && count != 1)) {
      throw new InputException(
          "input '%s' is %s, not one picture of 3 or 1 channels: give it a .npy file"
              .formatted(input.name(), type));
    }
    if (count == 1 && !scaling.sameForAll()) {
      throw new InputException(
          "input '%s' is grey, so give --preprocess one mean and deviation for all channels"
              .formatted(input.name()));
    }
    if (!Elements.writes(type.element())) {
      throw new InputException(
          "input '%s' holds %s, but pictures become float, float16 or uint8: give it a .npy file"
              .formatted(input.name(), type.element()));
    }
    Size size = size(input, dims.get(first ? 2 : 1), dims.get(first ? 3 : 2));
    return new Target(type.element(), first, (int) count, size);
  }

  private static boolean isChannels(Dim last, Dim second) {
    return (last.size() == CHANNELS || last.size() == 1) && second.size() != CHANNELS;
  }

  private Size size(Value input, Dim height, Dim width) {
    Size wanted = geometry.size;
    if (wanted == null && (!height.isFixed() || !width.isFixed())) {
      throw new InputException(
          "input '%s' leaves its size open: add size=HEIGHTxWIDTH to --preprocess"
              .formatted(input.name()));
    }
    Size size = wanted == null ? new Size(side(input, height), side(input, width)) : wanted;
    if ((height.isFixed() && height.size() != size.height)
        || (width.isFixed() && width.size() != size.width)) {
      throw new InputException(
          "input '%s' is %s x %s, so size=%dx%d of --preprocess does not fit"
              .formatted(input.name(), height, width, size.height, size.width));
    }
    return size;
  }

  private static int side(Value input, Dim dim) {
    if (dim.size() < 1 || dim.size() > MAX_SIDE) {
      throw new InputException(
          "input '%s' has a side of %d pixels, not 1 to %d"
              .formatted(input.name(), dim.size(), MAX_SIDE));
    }
    return (int) dim.size();
  }
}
