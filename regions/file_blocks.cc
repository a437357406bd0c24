#include "regions/file_blocks.h"

#include "regions/fault.h"
#include "regions/page.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kUnalignedBy = 256;  // bytes; half of the smallest block

}  // namespace

void count_file_read(Vm& vm, const Program& program, Dbd dbd) {
  const std::uint64_t size = vm.config.block;
  const std::uint64_t begin = dbd.block() * vm.config.page + (dbd.kind() == DbdKind::Fill ? kUnalignedBy : 0);
  const std::uint64_t first = begin / size;
  const std::uint64_t last = (begin + vm.config.page - 1) / size;
  ++vm.file.transfers;
  for (std::uint64_t block = first; block <= last; ++block) {
    ++vm.file.blocks;
    if (block > first && program.disk_block(block) != program.disk_block(block - 1) + 1) ++vm.file.transfers;
  }
}

void read_rest_of_block(Vm& vm, PageId read, std::uint64_t logical, std::uint64_t room) {
  const Region& region = vm.regions[read.region];
  const std::uint64_t pages = std::max<std::uint64_t>(vm.config.block / vm.config.page, 1);
  const std::uint64_t first = logical / pages * pages;
  for (std::uint64_t each = first; each < first + pages && room > 0; ++each) {
    const std::uint64_t number = read.page + each - logical;  // huge below the region's first page
    if (number >= region.pages) continue;
    const PageId id{read.region, static_cast<std::uint32_t>(number)};
    const Page page(vm, id);
    const bool of_block = page.dbd().kind() == DbdKind::File && page.dbd().block() == each;
    if (page.valid() || page.waits() || !of_block || vm.pfdata.find(page.identity())) continue;
    const auto grant = vm.pfdata.alloc();
    if (!grant) return;
    read_page(vm, page.dbd(), *grant);
    page.cache(grant->frame, 0);
    --room;
    vm.tell([&] { return on(EventKind::Prepaged, id, {.frame = grant->frame, .block = page.identity()}); });
  }
}

}  // namespace bachsim
