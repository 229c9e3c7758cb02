package dev.skein.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnknownFieldSet;
import dev.skein.graph.Model;
import dev.skein.graph.Weight;
import dev.skein.onnx.proto.GraphProto;
import dev.skein.onnx.proto.ModelProto;
import dev.skein.onnx.proto.TensorProto;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TypedValuesTest {
  private static final int INT32 = TensorProto.INT32_DATA_FIELD_NUMBER;
  private static final int INT64 = TensorProto.INT64_DATA_FIELD_NUMBER;
  private static final int UINT64 = TensorProto.UINT64_DATA_FIELD_NUMBER;

  /** Element type, its field, values as the field has them, and the bytes they stand for. */
  static Stream<Arguments> integers() {
    return Stream.of(
        arguments(ElementType.INT32, INT32, new long[] {-2, 7}, "feffffff07000000"),
        arguments(ElementType.INT16, INT32, new long[] {-2, 7}, "feff0700"),
        arguments(ElementType.UINT16, INT32, new long[] {65535, 1}, "ffff0100"),
        arguments(ElementType.INT8, INT32, new long[] {-128, 127}, "807f"),
        arguments(ElementType.UINT8, INT32, new long[] {255, 0}, "ff00"),
        arguments(ElementType.BOOL, INT32, new long[] {1, 0}, "0100"),
        arguments(ElementType.FLOAT16, INT32, new long[] {0x3c00, 0xc000}, "003c00c0"),
        arguments(ElementType.BFLOAT16, INT32, new long[] {0x3f80, 0xbf80}, "803f80bf"),
        arguments(ElementType.FLOAT8E4M3FN, INT32, new long[] {0x38, 0xb8}, "38b8"),
        arguments(ElementType.INT4, INT32, new long[] {0xf1}, "f1"),
        arguments(ElementType.INT64, INT64, new long[] {-1, 2}, "ffffffffffffffff0200000000000000"),
        arguments(ElementType.UINT32, UINT64, new long[] {0xffffffffL, 3}, "ffffffff03000000"),
        arguments(
            ElementType.UINT64, UINT64, new long[] {-1, 3}, "ffffffffffffffff0300000000000000"));
  }

  @ParameterizedTest
  @MethodSource("integers")
  void integerFieldsBecomeMemory(ElementType type, int field, long[] values, String hex) {
    assertThat(hex(read(proto(type, 2, field, packed(values))))).isEqualTo(hex);
    assertThat(hex(read(proto(type, 2, field, unpacked(values))))).isEqualTo(hex);
  }

  @ParameterizedTest
  @MethodSource("integers")
  void oneValueTooManyOrTooFewIsRefused(ElementType type, int field, long[] values, String hex) {
    for (long elements : new long[] {4, 0}) {
      assertThatThrownBy(() -> read(proto(type, elements, field, packed(values))))
          .isInstanceOf(OnnxException.class)
          .hasMessageContaining(type.toString());
    }
  }

  @Test
  void floatsAndComplexNumbersTakeTheFloatField() {
    ByteString bytes = littleEndian(1.5f, -2f);
    assertThat(read(floats(ElementType.FLOAT, 2, bytes)).toFloats()).containsExactly(1.5f, -2f);
    assertThat(hex(read(floats(ElementType.COMPLEX64, 1, bytes)))).isEqualTo("0000c03f000000c0");
    ByteString half = bytes.substring(0, 4);
    TensorProto runs =
        floats(ElementType.FLOAT, 2, half).toBuilder().addFloatData(bytes.substring(4)).build();
    assertThat(read(runs).toFloats()).containsExactly(1.5f, -2f);
    assertThatThrownBy(() -> read(floats(ElementType.FLOAT, 2, half)))
        .isInstanceOf(OnnxException.class)
        .hasMessage("model: weight 'w': float of shape 2 needs 8 bytes, has 4");
  }

  @Test
  void unpackedFloatsAndDoublesAreRead() {
    var floats = UnknownFieldSet.Field.newBuilder().addFixed32(Float.floatToIntBits(3f)).build();
    assertThat(read(proto(ElementType.FLOAT, 1, 4, floats)).toFloats()).containsExactly(3f);
    var doubles =
        UnknownFieldSet.Field.newBuilder().addFixed64(Double.doubleToLongBits(-1)).build();
    assertThat(hex(read(proto(ElementType.DOUBLE, 1, 10, doubles)))).isEqualTo("000000000000f0bf");
  }

  @Test
  void numberCutInTheMiddleIsRefused() {
    var cut =
        UnknownFieldSet.Field.newBuilder()
            .addLengthDelimited(ByteString.copyFrom(new byte[] {1, (byte) 0x80}))
            .build();
    assertThatThrownBy(() -> read(proto(ElementType.INT64, 1, INT64, cut)))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("end in the middle of a number");
  }

  @Test
  void shapeBeyondTheValuesAllocatesNothing() {
    TensorProto huge =
        TensorProto.newBuilder().setDataType(7).addDims(1L << 40).addDims(1L << 20).build();
    assertThatThrownBy(() -> read(huge)).isInstanceOf(OnnxException.class);
    TensorProto beyond = huge.toBuilder().addDims(1L << 40).build();
    assertThatThrownBy(() -> read(beyond)).isInstanceOf(OnnxException.class);
  }

  private static Tensor read(TensorProto proto) {
    GraphProto graph =
        GraphProto.newBuilder().addInitializer(proto.toBuilder().setName("w")).build();
    ModelProto model =
        ModelProto.newBuilder().addOpsetImport(RichModel.opset("", 13)).setGraph(graph).build();
    Model read = OnnxReader.read(model.toByteArray());
    return ((Weight.Held) read.graph().weights().get("w")).tensor();
  }

  private static TensorProto proto(
      ElementType type, long elements, int field, UnknownFieldSet.Field values) {
    return TensorProto.newBuilder()
        .setDataType(type.code())
        .addDims(elements)
        .setUnknownFields(UnknownFieldSet.newBuilder().addField(field, values).build())
        .build();
  }

  private static TensorProto floats(ElementType type, long elements, ByteString values) {
    return TensorProto.newBuilder()
        .setDataType(type.code())
        .addDims(elements)
        .addFloatData(values)
        .build();
  }

  private static UnknownFieldSet.Field packed(long... values) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      for (long value : values) {
        out.writeInt64NoTag(value);
      }
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return UnknownFieldSet.Field.newBuilder()
        .addLengthDelimited(ByteString.copyFrom(bytes.toByteArray()))
        .build();
  }

  private static UnknownFieldSet.Field unpacked(long... values) {
    var field = UnknownFieldSet.Field.newBuilder();
    for (long value : values) {
      field.addVarint(value);
    }
    return field.build();
  }

  private static ByteString littleEndian(float... values) {
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return ByteString.copyFrom(raw);
  }

  private static String hex(Tensor tensor) {
    return HexFormat.of().formatHex(tensor.data().toArray(ValueLayout.JAVA_BYTE));
  }
}
