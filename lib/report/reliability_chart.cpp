#include "lib/report/reliability_chart.h"

#include <string_view>

#include "lib/base/numbers.h"

namespace mill {

namespace {

constexpr double kLeft = 56, kTop = 16, kSize = 360;

std::string x(double confidence) {
  return decimal(kLeft + kSize * confidence, 1);
}
std::string y(double share) { return decimal(kTop + kSize * (1 - share), 1); }

std::string line(std::string_view classes, const std::string& x1,
                 const std::string& y1, const std::string& x2,
                 const std::string& y2) {
  return "<line class=\"" + std::string(classes) + "\" x1=\"" + x1 +
         "\" y1=\"" + y1 + "\" x2=\"" + x2 + "\" y2=\"" + y2 + "\"/>\n";
}

std::string text(const std::string& x, const std::string& y,
                 std::string_view anchor, std::string_view words) {
  return "<text x=\"" + x + "\" y=\"" + y + "\" text-anchor=\"" +
         std::string(anchor) + "\">" + std::string(words) + "</text>\n";
}

std::string axes() {
  std::string out;
  for (int tenth = 0; tenth <= 10; tenth += 2) {
    const double at = tenth / 10.0;
    out += line("grid", x(0), y(at), x(1), y(at));
    out += text(decimal(kLeft - 8, 1), decimal(kTop + kSize * (1 - at) + 4, 1),
                "end", decimal(at, 1));
    out += text(x(at), decimal(kTop + kSize + 18, 1), "middle", decimal(at, 1));
  }
  out += line("same", x(0), y(0), x(1), y(1));
  out += text(x(0.5), decimal(kTop + kSize + 40, 1), "middle", "confidence");
  out += "<text transform=\"translate(14 " + y(0.5) +
         ") rotate(-90)\" text-anchor=\"middle\">share of good</text>\n";
  return out;
}

}  // namespace

std::string reliability_chart(const std::vector<Judged>& judged) {
  std::string out =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 440 430\" "
      "role=\"img\" aria-label=\"Share of good records by confidence\">\n"
      "<style>\n"
      "svg { color-scheme: light dark; background: #fff; }\n"
      "text { font: 12px system-ui, sans-serif; fill: #3c4651; }\n"
      ".grid { stroke: #d4d9df; }\n"
      ".same { stroke: #7a8591; stroke-dasharray: 4 4; }\n"
      ".reach { stroke: #2a6fa8; stroke-width: 2; }\n"
      "circle { fill: #2a6fa8; }\n"
      "@media (prefers-color-scheme: dark) {\n"
      "svg { background: #14181d; } text { fill: #c4cbd3; }\n"
      ".grid { stroke: #343c46; } .reach { stroke: #5aa5dd; }\n"
      "circle { fill: #5aa5dd; }\n"
      "}\n"
      "</style>\n";
  out += axes();
  for (const ReliabilityBin& bin : reliability(judged)) {
    if (bin.all == 0) continue;
    const Interval reach = wilson_interval(bin.good, bin.all);
    const double at = bin.mean_confidence();
    out += line("reach", x(at), y(reach.low), x(at), y(reach.high));
    out += "<circle cx=\"" + x(at) + "\" cy=\"" + y(bin.share()) +
           "\" r=\"4\"><title>" + grouped(bin.good) + " of " +
           grouped(bin.all) + " good</title></circle>\n";
    out += text(decimal(kLeft + kSize * at + 8, 1), y(bin.share()), "start",
                grouped(bin.all));
  }
  return out + "</svg>\n";
}

}  // namespace mill
