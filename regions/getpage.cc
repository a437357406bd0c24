#include "regions/getpage.h"

#include "regions/vhand.h"

namespace bachsim {

std::optional<PfdataTable::Grant> getpage(Vm& vm, PageId served) {
  if (const auto grant = vm.pfdata.alloc()) [[likely]]
    return grant;
  if (vm.config.paging != PagingPolicy::On)
    return std::nullopt;
  vhand(vm, served);
  return vm.pfdata.alloc();
}

}  // namespace bachsim
