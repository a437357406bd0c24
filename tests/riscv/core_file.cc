#include "tests/riscv/core_file.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace bachsim {
namespace {

class CoreReader {
 public:
  explicit CoreReader(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(file), {});
  }

  CoreFile read() {
    const auto header = at<Elf64_Ehdr>(0);
    if (header.e_type != ET_CORE || header.e_machine != EM_RISCV) throw std::runtime_error("it is no core for RISC-V");
    std::vector<Elf64_Phdr> segments;
    for (unsigned i = 0; i < header.e_phnum; ++i)
      segments.push_back(at<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr)));
    for (const Elf64_Phdr& segment : segments) {
      if (segment.p_type == PT_NOTE) read_notes(segment.p_offset, segment.p_offset + segment.p_filesz);
    }
    for (const Elf64_Phdr& segment : segments) {
      if (segment.p_type == PT_LOAD) load(segment);
    }
    return std::move(core_);
  }

 private:
  template <class T>
  T at(std::uint64_t offset) const {
    need(offset, sizeof(T));
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }

  void need(std::uint64_t offset, std::uint64_t bytes) const {
    if (offset > bytes_.size() || bytes_.size() - offset < bytes) throw std::runtime_error("the core is cut short");
  }

  void read_notes(std::uint64_t offset, std::uint64_t end) {
    constexpr std::string_view kOwner("BACHSIM\0", 8);
    while (offset < end) {
      const auto note = at<Elf64_Nhdr>(offset);
      offset += sizeof note;
      need(offset, note.n_namesz + std::uint64_t{note.n_descsz});
      if (std::string_view(bytes_).substr(offset, note.n_namesz) != kOwner) throw std::runtime_error("a strange note");
      offset += note.n_namesz;
      std::vector<std::uint64_t> words(note.n_descsz / 8);
      std::memcpy(words.data(), bytes_.data() + offset, 8 * words.size());
      offset += note.n_descsz;
      take(note.n_type, words);
    }
  }

  void take(std::uint32_t type, const std::vector<std::uint64_t>& words) {
    if (type == 1) {
      core_.spaces.push_back({.pid = words.at(0), .satp = words.at(1), .pregions = {}});
    } else if (type == 2) {
      if (words.at(0) != kMemoryStart) throw std::runtime_error("memory begins elsewhere");
      core_.memory.resize(words.at(1));
    } else if (type == 3) {
      const auto space = std::ranges::find(core_.spaces, words.at(0), &DumpedSpace::pid);
      if (space == core_.spaces.end()) throw std::runtime_error("a pregion of nobody");
      space->pregions.push_back({.start = words.at(1), .bytes = words.at(2)});
    }
  }

  void load(const Elf64_Phdr& segment) {
    need(segment.p_offset, segment.p_filesz);
    const std::uint64_t offset = segment.p_paddr - kMemoryStart;
    if (offset > core_.memory.size() || core_.memory.size() - offset < segment.p_filesz)
      throw std::runtime_error("a segment beyond memory");
    std::memcpy(core_.memory.data() + offset, bytes_.data() + segment.p_offset, segment.p_filesz);
  }

  std::string bytes_;
  CoreFile core_;
};

}  // namespace

CoreFile read_core_file(const std::string& path) { return CoreReader(path).read(); }

}  // namespace bachsim
