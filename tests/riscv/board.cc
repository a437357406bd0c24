#include "tests/riscv/board.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace bachsim {
namespace {

constexpr std::uint64_t kGap = 16 << 20;  // QEMU's device tree is in the last 16 MiB

std::uint64_t rounded_up(std::uint64_t bytes) { return (bytes + kGap - 1) / kGap * kGap; }

// A file as memory, shared with who else has it. It is gone at the end.
class SharedFile {
 public:
  SharedFile(std::string path, std::uint64_t bytes) : path_(std::move(path)), bytes_(bytes) {
    const int file = open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, static_cast<off_t>(bytes)) != 0)
      throw std::runtime_error("no file for the memory of QEMU: " + path_);
    map_ = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (map_ == MAP_FAILED) throw std::runtime_error("no memory to share with QEMU");
  }
  SharedFile(const SharedFile&) = delete;
  SharedFile& operator=(const SharedFile&) = delete;
  ~SharedFile() {
    munmap(map_, bytes_);
    unlink(path_.c_str());
  }

  [[nodiscard]] std::byte* bytes() const { return static_cast<std::byte*>(map_); }

 private:
  std::string path_;
  std::uint64_t bytes_;
  void* map_ = nullptr;
};

}  // namespace

std::uint64_t Board::prober_page(std::uint64_t bytes) { return kMemoryStart + rounded_up(bytes); }

void Board::probe(ProbedMemory& probed) const {
  const std::uint64_t behind = rounded_up(probed.memory.size());
  const std::uint64_t listed = probed.records.size() * sizeof(Record);
  const std::uint64_t ram = rounded_up(behind + 2 * kPageSize + listed) + kGap;
  const SharedFile file(folder_ + "/ram", ram);
  std::memcpy(file.bytes(), probed.memory.data(), probed.memory.size());
  std::memcpy(file.bytes() + behind, prober_.data(), prober_.size());
  std::byte* const list = file.bytes() + behind + kPageSize;
  const std::array<std::uint64_t, 2> head{kMemoryStart + behind + kPageSize + 16 + listed,
                                          kMemoryStart + probed.memory.size()};
  std::memcpy(list, head.data(), sizeof head);
  std::memcpy(list + sizeof head, probed.records.data(), listed);

  const std::string log = folder_ + "/qemu.log";
  const int status = std::system(fmt::format("timeout 100 qemu-system-riscv64 -machine virt,memory-backend=ram"
                                             " -object memory-backend-file,id=ram,size={0},mem-path={1}/ram,share=on"
                                             " -m {2}M -accel tcg -bios none -nodefaults -display none"
                                             " -device loader,addr={3},cpu-num=0 >{4} 2>&1 </dev/null",
                                             ram, folder_, ram >> 20, kMemoryStart + behind, log)
                                     .c_str());
  if (status != 0) throw std::runtime_error("QEMU did not come to an end: see " + log);
  std::memcpy(probed.memory.data(), file.bytes(), probed.memory.size());
  std::memcpy(probed.records.data(), list + sizeof head, listed);
}

}  // namespace bachsim
