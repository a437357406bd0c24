// The file in which a sweep keeps its results while it runs, whole lines at a time, so that it can go on after it was
// interrupted.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <functional>
#include <string>

#include "sim/cli/child.h"
#include "sim/sweep/results.h"

namespace bachsim {

class PartFile {
 public:
  // A new file; or with `resume` the one that is there, if its head is this one, or as much of it as was written before
  // an interruption; lines that are not whole are cut off. `mode`: the rights of a new one. On failure, why, for the
  // user, and the file is as it was.
  [[nodiscard]] static std::expected<PartFile, std::string> open(const std::string& path, const PartHead& head,
                                                                 bool resume, mode_t mode);

  // The run to go on with.
  [[nodiscard]] std::uint64_t next() const { return next_; }
  // Why not, for the user; empty if all went well.
  [[nodiscard]] std::string add(std::uint64_t run, const Outcome& outcome);
  // All that is in it. Why not, for the user; empty if all went well.
  [[nodiscard]] std::string copy_to(Sink& output) const;
  void remove();

 private:
  PartFile(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}

  std::string path_;
  Descriptor file_;  // locked
  std::uint64_t next_ = 0;
};

// Reads a file of results: its head, and each of its runs in their order. Says what is wrong; empty if nothing is.
[[nodiscard]] std::expected<PartHead, std::string> read_head(const std::string& path);
[[nodiscard]] std::string read_part(const std::string& path, const PartHead& head,
                                    const std::function<void(std::uint64_t, const Outcome&)>& each);

}  // namespace bachsim
