#include "sim/page/html.h"

#include "sim/machine/check.h"

namespace bachsim {

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

void write_html(Sink& sink, std::string_view file, const std::map<std::string, std::string, std::less<>>& values) {
  std::string_view rest = carried(file);
  for (;;) {
    const std::size_t open = rest.find("{{");
    sink.write(rest.substr(0, open));
    if (open == std::string_view::npos) return;
    rest.remove_prefix(open + 2);
    const std::size_t close = rest.find("}}");
    KASSERT(close != std::string_view::npos);
    const auto value = values.find(rest.substr(0, close));
    KASSERT(value != values.end());
    sink.write(value->second);
    rest.remove_prefix(close + 2);
  }
}

}  // namespace bachsim
