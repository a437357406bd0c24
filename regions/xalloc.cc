#include "regions/xalloc.h"

namespace bachsim {

RegionId xalloc(Vm& vm, ProgramId id) {
  RegionId& text = vm.texts[id.value];
  if (text != RegionId{})
    return text;
  const Program& program = vm.programs[id.value];
  const auto pages = static_cast<std::uint32_t>(program.text);
  text = allocreg(vm, RegionType::Text, id);
  if (program.sticky)
    vm.regions.hold(text);
  add_pages(vm, text, pages);
  loadreg(vm, text, pages, 0);
  return text;
}

}  // namespace bachsim
