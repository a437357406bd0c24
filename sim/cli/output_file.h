// Where a run's output goes: standard output, or a file that appears whole or not at all.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "sim/report/sink.h"

namespace bachsim {

class OutputFile : public Sink {
 public:
  // Standard output.
  OutputFile();
  ~OutputFile() override;

  // A file of this name. What is there of this name stays until finish(), if it is a plain file; a device or pipe
  // is written at once. On failure, why, for the user.
  [[nodiscard]] static std::expected<std::unique_ptr<OutputFile>, std::string> create(const std::string& path);

  // Throws HostLimit once the host has failed to write: nobody would see the rest.
  void write(std::string_view text) override;

  // An empty line, if anything was written before: between parts, not around them.
  void separate() {
    if (written_)
      write("\n");
  }

  // Hands on what is buffered.
  void flush();

  // Everything is written: puts the file in its place. Empty if all went well, else why not, for the user.
  [[nodiscard]] std::string finish();

 private:
  void name_file();
  [[nodiscard]] std::string trouble() const;

  int descriptor_;
  bool owned_ = false;
  bool nameless_ = false;  // a file that gets its name when it is finished
  bool interactive_;       // a person watches: nothing is held back
  bool written_ = false;
  int error_ = 0;  // the first errno of a write that failed
  std::string path_;
  std::string buffer_;
};

}  // namespace bachsim
