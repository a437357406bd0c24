#include "sim/report/core.h"

#include <elf.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/parser/fixture.h"
#include "workloads/language/run.h"

namespace bachsim {
namespace {

// What an ELF file says, read without the simulator: notes by type, and memory by segments.
class Core {
 public:
  explicit Core(std::string bytes) : bytes_(std::move(bytes)) {
    head = at<Elf64_Ehdr>(0);
    for (unsigned i = 0; i < head.e_phnum; ++i) {
      const auto segment = at<Elf64_Phdr>(head.e_phoff + i * sizeof(Elf64_Phdr));
      if (segment.p_type == PT_NOTE)
        read_notes(segment.p_offset, segment.p_filesz);
      else
        segments.push_back(segment);
    }
  }

  [[nodiscard]] std::optional<std::uint64_t> word(std::uint64_t address) const {
    for (const Elf64_Phdr& segment : segments) {
      if (address >= segment.p_paddr && address - segment.p_paddr < segment.p_filesz)
        return at<std::uint64_t>(segment.p_offset + address - segment.p_paddr);
    }
    return std::nullopt;
  }

  // The word at a virtual address, by the walk of the RISC-V manual; empty where a PTE is not valid.
  [[nodiscard]] std::optional<std::uint64_t> load(std::uint64_t satp, std::uint64_t address) const {
    int level = static_cast<int>(satp >> 60) - 6;  // 8, 9, 10: three, four and five levels
    std::uint64_t table = (satp & 0xfff'ffff'ffff) << 12;
    for (; level >= 0; --level) {
      const std::uint64_t index = address >> (12 + 9 * level) & 511;
      const std::uint64_t pte = word(table + 8 * index).value_or(0);
      if ((pte & 1) == 0) return std::nullopt;
      table = (pte >> 10 & 0xfff'ffff'ffff) << 12;
    }
    return word(table + (address & 4095)).value_or(0);
  }

  Elf64_Ehdr head{};
  std::vector<Elf64_Phdr> segments;
  std::map<std::uint32_t, std::vector<std::vector<std::uint64_t>>> notes;

 private:
  template <class T>
  [[nodiscard]] T at(std::uint64_t offset) const {
    REQUIRE(offset + sizeof(T) <= bytes_.size());
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }

  void read_notes(std::uint64_t offset, std::uint64_t bytes) {
    const std::uint64_t end = offset + bytes;
    while (offset < end) {
      const auto note = at<Elf64_Nhdr>(offset);
      REQUIRE(bytes_.substr(offset + sizeof note, note.n_namesz) == std::string("BACHSIM\0", 8));
      offset += sizeof note + note.n_namesz;
      std::vector<std::uint64_t> words;
      for (const std::uint64_t last = offset + note.n_descsz; offset < last; offset += 8)
        words.push_back(at<std::uint64_t>(offset));
      notes[note.n_type].push_back(words);
    }
    CHECK(offset == end);
  }

  std::string bytes_;
};

struct Dumped {
  explicit Dumped(const std::string& script)
      : parsed(script), run(configure(parsed.result.script, {}).value(), parsed.result.script, listener) {
    REQUIRE(parsed.errors().empty());
    REQUIRE_FALSE(run.run());
    StringSink sink;
    write_core(sink, run.state());
    core.emplace(sink.text());
  }

  Parsed parsed;
  Listener listener;
  Run run;
  std::optional<Core> core;
};

using Words = std::vector<std::vector<std::uint64_t>>;

TEST_CASE("a core has the header, notes and segments that a reader of ELF expects") {
  const Dumped dumped(
      "machine frames=16\nprogram sh text=1 data=2\nspawn sh as P\nP: write data[0] = 7\nP: fork as C\n"
      "P: fork as Z\nZ: exit 0\nP: vfork as V\n");
  const Core& core = *dumped.core;
  CHECK(std::memcmp(core.head.e_ident, "\177ELF\2\1\1", 7) == 0);
  CHECK(core.head.e_type == ET_CORE);
  CHECK(core.head.e_machine == EM_RISCV);
  CHECK(core.head.e_version == EV_CURRENT);
  CHECK(core.head.e_ehsize == sizeof(Elf64_Ehdr));
  CHECK(core.head.e_phentsize == sizeof(Elf64_Phdr));
  CHECK(core.head.e_shnum == 0);
  REQUIRE(core.notes.at(1).size() == 3);  // P, C and V; no zombie
  CHECK(core.notes.at(1)[0][0] == 2);
  CHECK(core.notes.at(1)[0][1] == core.notes.at(1)[2][1]);  // V runs on what P lends it
  CHECK(core.notes.at(1)[0][1] != core.notes.at(1)[1][1]);
  REQUIRE(core.notes.at(2).size() == 1);
  CHECK(core.notes.at(2)[0][0] == 0x8000'0000);
  CHECK(core.notes.at(2)[0][1] >= 16 * 4096);
  CHECK(core.notes.at(3).size() == 9);
  CHECK(core.notes.at(3)[0][3] == 5);
  CHECK(core.notes.at(3)[1][2] == 2 * 4096);
  CHECK(core.notes.at(3)[1][3] == 3);
  std::uint64_t end = 0;
  for (const Elf64_Phdr& segment : core.segments) {
    CHECK(segment.p_type == PT_LOAD);
    CHECK(segment.p_paddr == segment.p_vaddr);
    CHECK(segment.p_filesz == segment.p_memsz);
    CHECK(segment.p_flags == (PF_R | PF_W));
    CHECK(segment.p_align == 4096);
    CHECK(segment.p_offset % 4096 == 0);
    CHECK(segment.p_paddr > end);  // else it would be one segment with the one before
    end = segment.p_paddr + segment.p_filesz;
  }
}

TEST_CASE("the tables of a core lead to what its processes have written") {
  for (const std::string mode : {"sv39", "sv48", "sv57"}) {
    CAPTURE(mode);
    const Dumped dumped("machine frames=16 mode=" + mode +
                        "\nprogram sh text=1 data=3 stack=1\nspawn sh as P\nP: write data[0] = 7\nP: fork as C\n"
                        "C: write data[0] = 8\nC: write data[2] = 9\nP: write stack[0] = 5\n");
    const Core& core = *dumped.core;
    const std::uint64_t p = core.notes.at(1)[0][1];
    const std::uint64_t c = core.notes.at(1)[1][1];
    const std::uint64_t data = core.notes.at(3)[1][1];
    const std::uint64_t stack = core.notes.at(3)[2][1];
    CHECK(core.load(p, data) == 7);
    CHECK(core.load(c, data) == 8);
    CHECK(core.load(c, data + 2 * 4096) == 9);
    CHECK(core.load(p, data + 2 * 4096) == std::nullopt);
    CHECK(core.load(p, stack) == 5);
  }
}

TEST_CASE("starts are real addresses where a script's are labels") {
  const Dumped dumped(
      "machine frames=16 page=1K\nprogram sh text=1K@0 data=1K@64K stack=1K@128K\n"
      "spawn sh as P\nP: write data[0] = 7\n");
  CHECK(dumped.core->load(dumped.core->notes.at(1)[0][1], dumped.core->notes.at(3)[1][1]) == 7);
}

TEST_CASE("more runs of pages than a core has headers are joined over the smallest gaps") {
  const Dumped dumped(
      "machine frames=140000\nprogram sh data=139000\nspawn sh as P\n"
      "for I in 0..69499 {\n  P: write data[2 * I] = 1\n  P: read data[2 * I + 1]\n}\n");
  CHECK(dumped.core->head.e_phnum < 0xffff);
  CHECK(dumped.core->head.e_phnum > 1);
  const std::uint64_t data = dumped.core->notes.at(3)[0][1];
  CHECK(dumped.core->load(dumped.core->notes.at(1)[0][1], data + 2 * 69'000 * 4096) == 1);
}

}  // namespace
}  // namespace bachsim
