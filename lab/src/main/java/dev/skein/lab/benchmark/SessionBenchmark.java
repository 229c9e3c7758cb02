package dev.skein.lab.benchmark;

import ai.onnxruntime.OrtException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Microseconds of one inference, with ONNX Runtime alone and with Skein. On a machine with other
 * work the two are better compared by {@link Overhead}, which takes turns.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 2,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
public class SessionBenchmark {
  @Param({"mobilenetv2_1.0_224.onnx", "tiny_kws_dscnn.onnx"})
  public String model = "";

  @SuppressWarnings("NullAway.Init") // JMH calls open first
  private Contest contest;

  @Setup(Level.Trial)
  public void open() throws OrtException {
    contest = Contest.open(Overhead.models().resolve(model));
  }

  @TearDown(Level.Trial)
  public void close() throws OrtException {
    contest.close();
  }

  @Benchmark
  public float[] bare() throws OrtException {
    return contest.bare();
  }

  @Benchmark
  public float[] skein() {
    return contest.skein();
  }
}
