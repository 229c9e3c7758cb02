package dev.skein.lab.experiment;

import dev.skein.engine.ConstantRun;
import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Model;
import dev.skein.rewrite.BatchNormAfter;
import dev.skein.rewrite.Passes;
import dev.skein.rewrite.Rewrite;
import dev.skein.rewrite.Rewriter;
import java.util.ArrayList;
import java.util.List;

/** Models as quantisation takes them: clean, batch normalisation folded. */
final class Folded {
  private Folded() {}

  static Model of(Model model) {
    List<Rewrite> passes = new ArrayList<>(Passes.standard(ConstantRun::outputs));
    passes.add(new BatchNormAfter());
    return new Rewriter(passes, ShapeProbe::annotate).apply(model).model();
  }
}
