package dev.skein.cli;

import java.io.StringWriter;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Writes an SVG document of boxes, curves and text. Names from files are escaped. */
final class SvgText {
  private static final String STYLE =
      "text{font:11px Helvetica,Arial,sans-serif;fill:#1c2733}"
          + ".head{font-size:16px;font-weight:bold}.sum{font-size:12px}"
          + ".op{font-weight:bold;text-anchor:middle}.cost{text-anchor:middle}"
          + ".value{font-size:9px;fill:#5a6b7d;paint-order:stroke;stroke:#fff;stroke-width:3px}"
          + "rect{stroke:#8a9bad}"
          + "path{fill:none;stroke:#8a9bad;stroke-width:1.3;marker-end:url(#tip)}";

  /** A box with corners of some radius. */
  record Rectangle(double x, double y, double width, double height, double radius) {}

  private final StringWriter text = new StringWriter();
  private final XMLStreamWriter out;
  private final StringBuilder path = new StringBuilder();
  private double pathY;
  private double pathX;

  SvgText() {
    try {
      out = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
    } catch (XMLStreamException e) {
      throw new IllegalStateException("no XML writer in this JDK", e);
    }
  }

  private interface Writing {
    void run() throws XMLStreamException;
  }

  private static void write(Writing writing) {
    try {
      writing.run();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("the drawing is no XML: " + e.getMessage(), e);
    }
  }

  void begin(double width, double height, String title) {
    write(() -> {
      out.writeStartElement("svg");
      out.writeDefaultNamespace("http://www.w3.org/2000/svg");
      out.writeAttribute("width", number(width));
      out.writeAttribute("height", number(height));
      out.writeAttribute("viewBox", "0 0 " + number(width) + " " + number(height));
      out.writeAttribute("role", "img");
      element("title", title);
      element("style", STYLE);
      out.writeStartElement("defs");
      out.writeStartElement("marker");
      attributes("id", "tip", "viewBox", "0 0 6 6", "refX", "6", "refY", "3");
      attributes("markerWidth", "6", "markerHeight", "6", "orient", "auto");
      out.writeEmptyElement("path");
      attributes("d", "M0 0L6 3L0 6z", "style", "fill:#8a9bad;stroke:none");
      out.writeEndElement();
      out.writeEndElement();
      out.writeEmptyElement("rect");
      attributes("width", "100%", "height", "100%", "style", "fill:#fff;stroke:none");
    });
  }

  private void element(String name, String content) throws XMLStreamException {
    out.writeStartElement(name);
    out.writeCharacters(content);
    out.writeEndElement();
  }

  private void attributes(String... namesAndValues) throws XMLStreamException {
    for (int i = 0; i < namesAndValues.length; i += 2) {
      out.writeAttribute(namesAndValues[i], namesAndValues[i + 1]);
    }
  }

  /**
   * @param tip what is shown when the pointer rests there; may be empty
   */
  void box(Rectangle place, String colour, String tip) {
    write(() -> {
      out.writeCharacters("\n");
      out.writeStartElement("rect");
      attributes("x", number(place.x()), "y", number(place.y()));
      attributes("width", number(place.width()), "height", number(place.height()));
      attributes("rx", number(place.radius()), "fill", colour);
      if (!tip.isEmpty()) {
        element("title", tip);
      }
      out.writeEndElement();
    });
  }

  void text(double x, double y, String kind, String content) {
    write(() -> {
      out.writeCharacters("\n");
      out.writeStartElement("text");
      attributes("x", number(x), "y", number(y), "class", kind);
      out.writeCharacters(content);
      out.writeEndElement();
    });
  }

  void move(double x, double y) {
    path.setLength(0);
    path.append('M').append(number(x)).append(' ').append(number(y));
    at(x, y);
  }

  void line(double x, double y) {
    path.append('L').append(number(x)).append(' ').append(number(y));
    at(x, y);
  }

  /** A curve that leaves downwards and arrives from above. */
  void curve(double x, double y) {
    double middle = (pathY + y) / 2;
    path.append('C').append(number(pathX)).append(' ').append(number(middle));
    path.append(' ').append(number(x)).append(' ').append(number(middle));
    path.append(' ').append(number(x)).append(' ').append(number(y));
    at(x, y);
  }

  private void at(double x, double y) {
    pathX = x;
    pathY = y;
  }

  void stroke() {
    write(() -> {
      out.writeCharacters("\n");
      out.writeEmptyElement("path");
      attributes("d", path.toString());
    });
  }

  String end() {
    write(() -> {
      out.writeCharacters("\n");
      out.writeEndElement();
      out.flush();
    });
    return text + "\n";
  }

  private static String number(double value) {
    String number = String.format(Locale.ROOT, "%.1f", value);
    return number.endsWith(".0") ? number.substring(0, number.length() - 2) : number;
  }
}
