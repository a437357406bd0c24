#include "tests/model/model_vm.h"

#include <algorithm>
#include <set>
#include <utility>

namespace bachsim {
namespace {

// The addresses of docs/model.md, "Machine".
constexpr std::uint64_t kMega = 1u << 20;
constexpr std::uint64_t kGiga = 1u << 30;
constexpr std::uint64_t kStep = 2 * kMega;  // regions start at multiples of this
constexpr std::uint64_t kText = 2 * kMega;
constexpr std::uint64_t kShm = 128 * kGiga;
constexpr std::uint64_t kTop = 256 * kGiga;

std::uint64_t rounded(std::uint64_t bytes) { return (bytes + kStep - 1) / kStep * kStep; }

// Blocks of a program's file, each cell its own offset, as the first pages of a region.
void load(ModelRegion& region, std::uint64_t block, std::uint64_t blocks) {
  for (std::uint64_t page = 0; page < blocks; ++page) {
    Cells& cells = region.contents[page];
    for (std::uint64_t i = 0; i < cells.size(); ++i) cells[i] = (block + page) * kPageSize + 8 * i;
  }
}

}  // namespace

bool ModelVm::ready(Pid process) const {
  const auto at = processes_.find(process);
  return at != processes_.end() && at->second.state == ModelState::Ready;
}

// init counts, and zombies do.
bool ModelVm::process_table_full() const { return config_.nproc && processes_.size() + 1 >= *config_.nproc; }

std::shared_ptr<ModelSpace> ModelVm::build(ProgramId id) const {
  const Program& program = programs_[id.value];
  auto space = std::make_shared<ModelSpace>();
  space->text.pages = program.text;
  load(space->text, 0, program.text);
  space->data.pages = program.data + program.bss;
  load(space->data, program.text, program.data);
  space->brk = static_cast<std::int64_t>(space->data.pages * kPageSize);
  space->data_start = VirtAddr{kText + rounded(program.text * kPageSize)};
  space->stack.pages = program.stack;
  return space;
}

ModelProcess& ModelVm::add_process(Pid parent) {
  newest_ = Pid{newest_.value + 1};
  ModelProcess& process = processes_[newest_];
  process.parent = parent;
  return process;
}

Errno ModelVm::spawn(ProgramId program) {
  if (process_table_full()) return Errno::EAGAIN_;
  add_process(kInitPid).space = build(program);
  return Errno::None;
}

Errno ModelVm::fork(Pid process) { return fork_shares() ? share(process) : duplicate(process); }

Errno ModelVm::vfork(Pid process) { return vfork_shares() ? share(process) : duplicate(process); }

Errno ModelVm::duplicate(Pid process) {
  if (process_table_full()) return Errno::EAGAIN_;
  // Text never changes, and shared memory is by pointer: so a plain copy is all that fork means.
  ModelProcess& child = add_process(process);
  child.space = std::make_shared<ModelSpace>(space(process));
  if (config_.first == RunsFirst::Child) {
    child.preempts = process;
    processes_.at(process).state = ModelState::Preempted;
  }
  return Errno::None;
}

Errno ModelVm::share(Pid process) {
  if (process_table_full()) return Errno::EAGAIN_;
  ModelProcess& child = add_process(process);
  child.space = processes_.at(process).space;
  child.borrows = true;
  processes_.at(process).state = ModelState::AwaitsVforkChild;
  give_up_processor(processes_.at(process));
  return Errno::None;
}

void ModelVm::give_back_space(ModelProcess& process) {
  process.space.reset();
  if (std::exchange(process.borrows, false)) processes_.at(process.parent).state = ModelState::Ready;
}

void ModelVm::give_up_processor(ModelProcess& process) {
  if (const auto parent = std::exchange(process.preempts, std::nullopt))
    processes_.at(*parent).state = ModelState::Ready;
}

void ModelVm::end_slices() {
  for (auto& [pid, process] : processes_) give_up_processor(process);
}

Errno ModelVm::exec(Pid pid, ProgramId program) {
  ModelProcess& process = processes_.at(pid);
  give_up_processor(process);
  give_back_space(process);
  process.space = build(program);
  return Errno::None;
}

void ModelVm::exit(Pid pid, std::uint8_t status) {
  ModelProcess& process = processes_.at(pid);
  give_up_processor(process);
  give_back_space(process);
  process.state = ModelState::Zombie;
  process.status = status;
  std::erase_if(processes_, [pid](const auto& entry) {
    return entry.second.parent == pid && entry.second.state == ModelState::Zombie;
  });
  for (auto& [child, entry] : processes_) {
    if (entry.parent == pid) entry.parent = kInitPid;
  }
  if (process.parent == kInitPid) {
    processes_.erase(pid);
  } else if (ModelProcess& parent = processes_.at(process.parent); parent.state == ModelState::AwaitsAnyChild) {
    parent.state = ModelState::Ready;
    processes_.erase(pid);
  }
}

Errno ModelVm::wait(Pid pid) {
  const auto is_child = [pid](const auto& entry) { return entry.second.parent == pid; };
  if (std::ranges::none_of(processes_, is_child)) return Errno::ECHILD_;
  const auto zombie = std::ranges::find_if(
      processes_, [&](const auto& entry) { return is_child(entry) && entry.second.state == ModelState::Zombie; });
  if (zombie == processes_.end()) {
    processes_.at(pid).state = ModelState::AwaitsAnyChild;
    give_up_processor(processes_.at(pid));
  } else {
    processes_.erase(zombie);
  }
  return Errno::None;
}

Errno ModelVm::brk(Pid pid, std::int64_t bytes) {
  ModelSpace& space = *processes_.at(pid).space;
  const std::int64_t moved = space.brk + bytes;
  if (moved < 0) return Errno::EINVAL_;
  if (static_cast<std::uint64_t>(moved) > kShm - space.data_start.value) return Errno::ENOMEM_;
  space.brk = moved;
  space.data.pages = (static_cast<std::uint64_t>(moved) + kPageSize - 1) / kPageSize;
  std::erase_if(space.data.contents, [&](const auto& entry) { return entry.first >= space.data.pages; });
  return Errno::None;
}

Errno ModelVm::shmget(std::uint64_t key, std::int64_t pages) {
  if (pages < 1) return Errno::EINVAL_;
  const auto size = static_cast<std::uint64_t>(pages);
  if (const auto existing = shm_.find(key); existing != shm_.end())
    return size > existing->second->pages ? Errno::EINVAL_ : Errno::None;
  if (size > (kTop - config_.stack_limit * kPageSize - kShm) / kStep * kStep / kPageSize) return Errno::EINVAL_;
  shm_[key] = std::make_shared<ModelRegion>();
  shm_[key]->pages = size;
  return Errno::None;
}

Errno ModelVm::shmat(Pid pid, std::uint64_t key) {
  const auto existing = shm_.find(key);
  if (existing == shm_.end()) return Errno::EINVAL_;
  ModelSpace& space = *processes_.at(pid).space;
  const std::uint64_t length = rounded(existing->second->pages * kPageSize);
  std::uint64_t start = kShm;
  const auto in_the_way = [&](const ModelShm& other) {
    const std::uint64_t begin = other.start.value;
    return start < begin + rounded(other.region->pages * kPageSize) && begin < start + length;
  };
  for (;;) {
    const auto other = std::ranges::find_if(space.shm, in_the_way);
    if (other == space.shm.end()) break;
    start = other->start.value + rounded(other->region->pages * kPageSize);
  }
  if (start + length > kTop - config_.stack_limit * kPageSize) return Errno::ENOMEM_;
  space.shm.push_back({.key = key, .start = VirtAddr{start}, .region = existing->second});
  return Errno::None;
}

Errno ModelVm::shmdt(Pid pid, std::uint64_t key) {
  ModelSpace& space = *processes_.at(pid).space;
  const auto attached = std::ranges::find(space.shm, key, &ModelShm::key);
  if (attached == space.shm.end()) return Errno::EINVAL_;
  space.shm.erase(attached);
  return Errno::None;
}

Errno ModelVm::shmctl_remove(std::uint64_t key) { return shm_.erase(key) == 0 ? Errno::EINVAL_ : Errno::None; }

std::optional<ModelVm::Found> ModelVm::find(ModelSpace& space, VirtAddr va) {
  const auto page_behind = [va](std::uint64_t start) { return (va.value - start) / kPageSize; };
  if (va.value >= kText && page_behind(kText) < space.text.pages)
    return Found{&space.text, RegionType::Text, page_behind(kText)};
  if (va >= space.data_start && page_behind(space.data_start.value) < space.data.pages)
    return Found{&space.data, RegionType::Data, page_behind(space.data_start.value)};
  if (va.value < kTop && (kTop - 1 - va.value) / kPageSize < space.stack.pages)
    return Found{&space.stack, RegionType::Stack, (kTop - 1 - va.value) / kPageSize};
  for (const ModelShm& shm : space.shm) {
    if (va >= shm.start && page_behind(shm.start.value) < shm.region->pages)
      return Found{shm.region.get(), RegionType::Shm, page_behind(shm.start.value)};
  }
  return std::nullopt;
}

// Where the stack may grow to.
bool ModelVm::on_stack(VirtAddr va) const {
  return va.value < kTop && va.value >= kTop - config_.stack_limit * kPageSize;
}

bool ModelVm::allows(Pid pid, VirtAddr va, Access access) const {
  const auto found = find(*processes_.at(pid).space, va);
  if (!found) return access != Access::Fetch && on_stack(va);
  switch (access) {
    case Access::Fetch:
      return found->type == RegionType::Text;
    case Access::Load:
      return true;
    case Access::Store:
      break;
  }
  return found->type != RegionType::Text;
}

std::uint64_t& ModelVm::access(Pid pid, VirtAddr va) {
  ModelSpace& space = *processes_.at(pid).space;
  auto found = find(space, va);
  if (!found) {
    space.stack.pages = (kTop - 1 - va.value) / kPageSize + 1;
    found = find(space, va);
  }
  return found->region->contents[found->page][va.value % kPageSize / 8];
}

const ModelRegion* ModelVm::region(Pid pid, RegionType type, std::uint64_t key) const {
  const ModelSpace& space = this->space(pid);
  switch (type) {
    case RegionType::Text:
      return &space.text;
    case RegionType::Data:
      return &space.data;
    case RegionType::Stack:
      return &space.stack;
    case RegionType::Shm:
      break;
  }
  const auto attached = std::ranges::find(space.shm, key, &ModelShm::key);
  return attached == space.shm.end() ? nullptr : attached->region.get();
}

VirtAddr ModelVm::address(Pid pid, RegionType type, std::uint64_t key, std::uint64_t page) const {
  const ModelSpace& space = this->space(pid);
  switch (type) {
    case RegionType::Text:
      return VirtAddr{kText + page * kPageSize};
    case RegionType::Data:
      return VirtAddr{space.data_start.value + page * kPageSize};
    case RegionType::Stack:
      return VirtAddr{kTop - (page + 1) * kPageSize};
    case RegionType::Shm:
      break;
  }
  return VirtAddr{std::ranges::find(space.shm, key, &ModelShm::key)->start.value + page * kPageSize};
}

std::uint64_t ModelVm::touched_pages() const {
  std::set<const ModelRegion*> regions;
  for (const auto& [key, region] : shm_) regions.insert(region.get());
  for (const auto& [pid, process] : processes_) {
    if (process.space == nullptr) continue;
    regions.insert({&process.space->data, &process.space->stack});
    for (const ModelShm& shm : process.space->shm) regions.insert(shm.region.get());
  }
  std::uint64_t pages = 0;
  for (const Program& program : programs_)
    pages += program.unaligned || config_.paging == PagingPolicy::Hybrid ? program.text : 0;
  for (const ModelRegion* region : regions) pages += region->contents.size();
  return pages;
}

std::uint64_t ModelVm::pages_of(ProgramId id) const {
  const Program& program = programs_[id.value];
  return program.text + program.data + program.bss + program.stack;
}

}  // namespace bachsim
