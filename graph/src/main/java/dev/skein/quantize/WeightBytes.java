package dev.skein.quantize;

import dev.skein.quantize.QuantizationOptions.WeightForm;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Float weights as signed bytes, symmetric around zero: {@code weight = scale * byte} with {@code
 * scale = max |weight| / 127} over a channel, or over all.
 */
final class WeightBytes {
  private WeightBytes() {}

  /** Greatest absolute value of each channel. */
  static float[] extents(Tensor weight, int axis) {
    Channels channels = Channels.of(weight, axis);
    float[] extents = new float[channels.count()];
    Tensors.eachPiece(
        weight,
        (values, length, start) -> {
          int channel = channels.at(start);
          long left = channels.left(start);
          for (int i = 0; i < length; i++) {
            extents[channel] = Math.max(extents[channel], Math.abs(values[i]));
            if (--left == 0) {
              channel = channel + 1 == extents.length ? 0 : channel + 1;
              left = channels.inner();
            }
          }
        });
    return extents;
  }

  /**
   * The bytes, of the weight's shape.
   *
   * @param axis of the channels
   * @param scales one for each channel, none 0
   */
  static Tensor of(Tensor weight, int axis, float[] scales, WeightForm form) {
    Channels channels = Channels.of(weight, axis);
    Tensor bytes = Tensor.allocate(ElementType.INT8, weight.shape());
    byte[] piece = new byte[Tensors.PIECE];
    int greatest = form.greatest();
    Tensors.eachPiece(
        weight,
        (values, length, start) -> {
          int channel = channels.at(start);
          long left = channels.left(start);
          for (int i = 0; i < length; i++) {
            int rounded = (int) Math.rint((double) values[i] / scales[channel]);
            piece[i] = (byte) Math.clamp(rounded, -greatest, greatest);
            if (--left == 0) {
              channel = channel + 1 == scales.length ? 0 : channel + 1;
              left = channels.inner();
            }
          }
          Tensors.write(bytes, start, piece, length);
        });
    return bytes;
  }

  /** Rows as columns, for kernels that want the output channels last. */
  static Tensor transposed(Tensor bytes) {
    int rows = Math.toIntExact(bytes.shape().dim(0));
    int columns = Math.toIntExact(bytes.shape().dim(1));
    Tensor turned = Tensor.allocate(bytes.type(), Shape.of(columns, rows));
    byte[] from = bytes.data().toArray(ValueLayout.JAVA_BYTE);
    byte[] row = new byte[rows];
    for (int column = 0; column < columns; column++) {
      for (int i = 0; i < rows; i++) {
        row[i] = from[i * columns + column];
      }
      Tensors.write(turned, (long) column * rows, row, rows);
    }
    return turned;
  }

  /** The scale of each channel; all the same if channels do not differ. */
  static float[] scales(float[] extents, WeightForm form) {
    float[] scales = extents.clone();
    if (!form.perChannel()) {
      float most = 0;
      for (float extent : extents) {
        most = Math.max(most, extent);
      }
      Arrays.fill(scales, most);
    }
    for (int i = 0; i < scales.length; i++) {
      float scale = scales[i] / form.greatest();
      scales[i] = scale < Float.MIN_NORMAL ? 1 : scale;
    }
    return scales;
  }

  /**
   * How channels lie in memory.
   *
   * @param inner elements that lie together
   */
  private record Channels(int count, long inner) {
    static Channels of(Tensor weight, int axis) {
      long inner = 1;
      for (int i = axis + 1; i < weight.shape().rank(); i++) {
        inner *= weight.shape().dim(i);
      }
      return new Channels(Math.toIntExact(weight.shape().dim(axis)), inner);
    }

    int at(long index) {
      return (int) (index / inner % count);
    }

    long left(long index) {
      return inner - index % inner;
    }
  }
}
