// Where a report's text goes, piece by piece: what streams a million lines need not be held.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bachsim {

inline constexpr std::size_t kReportWidth = 80;

class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  virtual void write(std::string_view text) = 0;

  // Columns that lines should keep to.
  [[nodiscard]] std::size_t width() const { return width_; }
  void set_width(std::size_t width) { width_ = width; }

 private:
  std::size_t width_ = kReportWidth;
};

class StringSink : public Sink {
 public:
  void write(std::string_view text) override { text_ += text; }
  [[nodiscard]] std::string& text() { return text_; }

 private:
  std::string text_;
};

}  // namespace bachsim
