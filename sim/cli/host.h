// The host of the program: the memory that it has to spare, a file for the contents of swap, and the output of a run.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "sim/machine/host.h"
#include "sim/report/sink.h"

namespace bachsim {

// Bytes that this program may use: seven eighths of what the host has available, or of what is left to the program's
// control group or a group above it, whichever is less. `root` is where /proc and /sys are.
[[nodiscard]] std::uint64_t spare_memory(const std::filesystem::path& root = "/");

// Columns of the terminal that standard output is: those that COLUMNS says, else those that it has; never fewer
// than 40. kReportWidth where there is none.
[[nodiscard]] std::size_t terminal_width();

// As read() and write() do, but behind a signal they go on, and where somebody has left the descriptor non-blocking
// they wait. A failure is in errno.
[[nodiscard]] ssize_t read_some(int descriptor, std::span<char> to);
[[nodiscard]] ssize_t write_some(int descriptor, std::string_view text);

// The contents of swap devices in a file (--swap-file). It has holes where nothing was written, and is gone when the
// run is over, however that ends.
class SwapFile : public PageStore {
 public:
  // A new file. Throws HostLimit if there is one of this name, or it cannot be made.
  explicit SwapFile(const std::string& path);
  SwapFile(const SwapFile&) = delete;
  SwapFile& operator=(const SwapFile&) = delete;
  ~SwapFile() override;

  void read(std::uint64_t number, std::byte* page) const override;
  void write(std::uint64_t number, const std::byte* page) override;

 private:
  [[noreturn]] void fail(const char* what) const;

  std::string path_;
  int descriptor_;
};

// The host has failed to write the output: no fault of the script, wherever that stands.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Whether a path that is to be written leads to the plain file that is read, or would if it were there. `-` is standard
// input there.
[[nodiscard]] bool same_file(const std::string& path, const std::string& read);

class OutputFile : public Sink {
 public:
  // Standard output.
  OutputFile();
  // Leaves nothing of a file that was not finished. Output that is written at once is handed on: after a panic it tells
  // how the run came there.
  ~OutputFile() override;

  // A file of this name, standard output if it is empty or `-`; a link to it stays a link. A plain file that is there
  // stays as it is until finish(). A device or pipe is written at once, and so is a descriptor of this process
  // (`/dev/stdout`). On failure, why, for the user.
  [[nodiscard]] static std::expected<std::unique_ptr<OutputFile>, std::string> create(const std::string& path);

  // Whether what goes to `path` is a plain file in the end, and not written at once.
  [[nodiscard]] static bool is_put_in_place(const std::string& path);

  // Whether both go to one place, by whatever names: one plain file or one pipe, but any number of them to /dev/null.
  [[nodiscard]] bool shares_place_with(const OutputFile& other) const;

  // Throws OutputError once the host has failed to write: nobody would see the rest.
  void write(std::string_view text) override;
  // An empty line between what was written before and what comes next, if both do.
  void separate() { gap_ = written_; }
  // Hands on what is buffered.
  void flush();
  // Everything is written: puts the file in its place. Empty if all went well, else why not, for the user.
  [[nodiscard]] std::string finish();

 private:
  void open_path();
  [[nodiscard]] bool put_in_place();
  [[nodiscard]] std::string trouble() const;

  int descriptor_;
  bool interactive_;  // a person watches: nothing is held back
  bool written_ = false;
  bool gap_ = false;
  int error_ = 0;          // the first errno of a write that failed
  std::string path_;       // as errors call it
  std::string target_;     // the plain file that finish() puts in place; empty: the output is written at once
  std::string temporary_;  // its name until then
  std::string buffer_;
};

}  // namespace bachsim
