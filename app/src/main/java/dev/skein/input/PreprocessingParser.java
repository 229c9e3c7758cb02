package dev.skein.input;

import dev.skein.input.Preprocessing.Colours;
import dev.skein.input.Preprocessing.Fit;
import dev.skein.input.Preprocessing.Geometry;
import dev.skein.input.Preprocessing.Layout;
import dev.skein.input.Preprocessing.Scaling;
import dev.skein.input.Preprocessing.Size;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The text form of {@link Preprocessing}. */
final class PreprocessingParser {
  private static final List<Double> ZERO = List.of(0.0, 0.0, 0.0);
  private static final List<Double> ONE = List.of(1.0, 1.0, 1.0);
  private static final Scaling IMAGENET =
      new Scaling(1 / 255.0, List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));
  private static final Scaling MOBILENET = new Scaling(1 / 127.5, ONE, ONE);
  private static final Scaling CAFFE = new Scaling(1, List.of(103.939, 116.779, 123.68), ONE);
  private static final Scaling CIFAR_MOBILENET =
      new Scaling(1, List.of(125.3, 123.0, 113.9), List.of(63.0, 62.1, 66.7));
  private static final Scaling UNIT = new Scaling(1 / 255.0, ZERO, ONE);
  private static final Scaling RAW = new Scaling(1, ZERO, ONE);

  /** Models for ImageNet are evaluated on the middle 224 of 256 pixels. */
  private static final double CENTRE = 0.875;

  private static final Map<String, Preprocessing> RECIPES =
      new TreeMap<>(
          Map.of(
              "torch", recipe(Colours.RGB, IMAGENET, CENTRE),
              "mobilenet", recipe(Colours.RGB, MOBILENET, CENTRE),
              "caffe", recipe(Colours.BGR, CAFFE, CENTRE),
              "unit", recipe(Colours.RGB, UNIT, 1),
              "raw", recipe(Colours.RGB, RAW, 1),
              "cifar", recipe(Colours.RGB, IMAGENET, 1),
              "cifar-mobilenet", recipe(Colours.RGB, CIFAR_MOBILENET, 1)));

  private PreprocessingParser() {}

  private static Preprocessing recipe(Colours colours, Scaling scaling, double crop) {
    return new Preprocessing(colours, scaling, new Geometry(Fit.CROP, crop, null), Layout.AUTO);
  }

  static Preprocessing parse(String text) {
    Preprocessing result = recipe(Colours.RGB, RAW, 1);
    for (String part : text.strip().toLowerCase(Locale.ROOT).split(",", -1)) {
      result = changed(result, part.strip(), text);
    }
    return result;
  }

  private static Preprocessing changed(Preprocessing p, String part, String text) {
    Preprocessing recipe = RECIPES.get(part);
    if (recipe != null) {
      return recipe;
    }
    int equals = part.indexOf('=');
    String key = equals < 0 ? part : part.substring(0, equals);
    String value = equals < 0 ? "" : part.substring(equals + 1);
    Scaling s = p.scaling();
    Geometry g = p.geometry();
    return switch (key) {
      case "rgb" -> new Preprocessing(Colours.RGB, s, g, p.layout());
      case "bgr" -> new Preprocessing(Colours.BGR, s, g, p.layout());
      case "nchw" -> new Preprocessing(p.colours(), s, g, Layout.NCHW);
      case "nhwc" -> new Preprocessing(p.colours(), s, g, Layout.NHWC);
      case "scale" -> with(p, new Scaling(factor(value, text), s.mean(), s.deviation()));
      case "mean" -> with(p, new Scaling(s.factor(), numbers(value, text), s.deviation()));
      case "std" -> with(p, new Scaling(s.factor(), s.mean(), deviations(value, text)));
      case "crop" -> with(p, new Geometry(g.fit(), share(value, text), g.size()));
      case "size" -> with(p, new Geometry(g.fit(), g.crop(), size(value, text)));
      case "fit" -> with(p, new Geometry(fit(value, text), g.crop(), g.size()));
      default -> throw wrong(part, text);
    };
  }

  private static Preprocessing with(Preprocessing p, Scaling scaling) {
    return new Preprocessing(p.colours(), scaling, p.geometry(), p.layout());
  }

  private static Preprocessing with(Preprocessing p, Geometry geometry) {
    return new Preprocessing(p.colours(), p.scaling(), geometry, p.layout());
  }

  private static Fit fit(String value, String text) {
    return switch (value) {
      case "crop" -> Fit.CROP;
      case "stretch" -> Fit.STRETCH;
      default -> throw wrong("fit=" + value, text);
    };
  }

  /** A number or a fraction: {@code 1/127.5}. */
  private static double factor(String value, String text) {
    int slash = value.indexOf('/');
    double factor =
        slash < 0
            ? number(value, text)
            : number(value.substring(0, slash), text) / number(value.substring(slash + 1), text);
    if (!Double.isFinite(factor)) {
      throw wrong("scale=" + value, text);
    }
    return factor;
  }

  private static double share(String value, String text) {
    double share = number(value, text);
    if (share <= 0 || share > 1) {
      throw wrong("crop=" + value, text);
    }
    return share;
  }

  private static List<Double> deviations(String value, String text) {
    List<Double> numbers = numbers(value, text);
    if (numbers.contains(0.0) || numbers.contains(-0.0)) {
      throw wrong("std=" + value, text);
    }
    return numbers;
  }

  /** Three numbers between slashes, or one for all. */
  private static List<Double> numbers(String value, String text) {
    List<Double> numbers =
        Arrays.stream(value.split("/", -1)).map(part -> number(part, text)).toList();
    return switch (numbers.size()) {
      case 1 -> List.of(numbers.get(0), numbers.get(0), numbers.get(0));
      case 3 -> numbers;
      default -> throw wrong(value, text);
    };
  }

  private static double number(String value, String text) {
    try {
      double number = Double.parseDouble(value);
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below, with the way out.
    }
    throw wrong(value, text);
  }

  private static Size size(String value, String text) {
    int by = value.indexOf('x');
    int height = side(by < 0 ? value : value.substring(0, by), text);
    return new Size(height, by < 0 ? height : side(value.substring(by + 1), text));
  }

  private static int side(String value, String text) {
    double side = number(value, text);
    if (side != Math.rint(side) || side < 1 || side > Preprocessing.MAX_SIDE) {
      throw wrong("size=" + value, text);
    }
    return (int) side;
  }

  private static InputException wrong(String part, String text) {
    return new InputException(
        "preprocessing '%s': cannot use '%s'; use one of %s, rgb, bgr, nchw, nhwc, scale=, mean=,"
                .formatted(text, part, String.join(", ", RECIPES.keySet()))
            + " std=, size=, crop=, fit=crop, fit=stretch");
  }
}
