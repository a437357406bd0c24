// A parsed script as text: what the parser understood, for its tests to compare.
//
// One statement a line, blocks indented; every expression in brackets, so that it needs no
// precedence; names as the parser resolved them: a var as its location, a loop variable as its
// slot, `$0`. A number that had a suffix is in K.
#include "tests/parser/dump.h"

#include <fmt/format.h>

#include <utility>

#include "sim/kernel/counters.h"
#include "sim/state/column.h"

namespace bachsim {
namespace {

std::string counter_name(std::uint32_t index) {
  std::string result;
  std::uint32_t at = 0;
  Counters{}.for_each([&](std::string_view group, std::string_view name, std::uint64_t) {
    if (at++ == index) result = fmt::format("counter.{}.{}", group, name);
  });
  return result;
}

std::string_view gauge_name(std::uint32_t index) {
  std::string_view result;
  std::uint32_t at = 0;
  Gauges{}.for_each([&](std::string_view name, std::uint64_t) {
    if (at++ == index) result = name;
  });
  return result;
}

std::string_view operator_text(ExprKind kind) {
  switch (kind) {
    case ExprKind::Number:
    case ExprKind::LoopVariable:
    case ExprKind::Param:
    case ExprKind::Word:
    case ExprKind::Path:
    case ExprKind::Draw:
      break;
    case ExprKind::Negate:
    case ExprKind::Subtract:
      return "-";
    case ExprKind::Not:
      return "not ";
    case ExprKind::Add:
      return "+";
    case ExprKind::Multiply:
      return "*";
    case ExprKind::Divide:
      return "/";
    case ExprKind::Remainder:
      return "%";
    case ExprKind::Equal:
      return "==";
    case ExprKind::NotEqual:
      return "!=";
    case ExprKind::Less:
      return "<";
    case ExprKind::LessEqual:
      return "<=";
    case ExprKind::Greater:
      return ">";
    case ExprKind::GreaterEqual:
      return ">=";
    case ExprKind::And:
      return "and";
    case ExprKind::Or:
      return "or";
  }
  return {};
}

class Dumper {
 public:
  explicit Dumper(const Script& script) : script_(script) {}

  std::string whole() {
    if (!script_.title.empty()) put("title \"{}\"\n", script_.title);
    for (const ParamDeclaration& param : script_.params) dump(param);
    for (const Setting& setting : script_.settings) dump(setting);
    for (const ProgramDeclaration& program : script_.programs) dump(program);
    std::vector<std::uint32_t> ends;  // of the blocks around the statement
    for (std::uint32_t i = 0; i <= script_.statements.size(); ++i) {
      for (; !ends.empty() && ends.back() == i; ends.pop_back()) put("{:{}}}}\n", "", 2 * (ends.size() - 1));
      if (i == script_.statements.size()) break;
      put("{:{}}", "", 2 * ends.size());
      std::visit([this](const auto& body) { dump(body); }, script_.statements[i].body);
      out_ += '\n';
      if (script_.statements[i].opens_block()) ends.push_back(script_.statements[i].end_of_block());
    }
    return std::move(out_);
  }

 private:
  template <class... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    out_ += fmt::format(format, std::forward<Args>(args)...);
  }

  void dump_number(std::uint64_t number, bool suffixed) {
    if (suffixed)
      put("{}K", number / 1024);
    else
      put("{}", number);
  }

  void dump(const ParamDeclaration& param) {
    put("param {} =", param.name);
    if (param.standard != nullptr) {
      dump_after_blank(param.standard);
      if (!param.values.empty()) out_ += " in";
    }
    for (const ParamDeclaration::Range& range : param.values) {
      out_ += &range == param.values.data() ? "" : ",";
      dump_after_blank(range.first);
      if (range.last == nullptr) continue;
      out_ += "..";
      dump(*range.last);
      if (range.step == nullptr) continue;
      out_ += " step";
      dump_after_blank(range.step);
    }
    out_ += '\n';
  }

  void dump(const Setting& setting) {
    put("machine {}", setting.key);
    char before = '=';
    for (const Setting::Value& value : setting.values) {
      out_ += std::exchange(before, ',');
      if (value.constant != nullptr)
        dump(*value.constant);
      else if (value.word)
        out_ += value.text;
      else
        dump_number(value.number, value.suffixed);
    }
    out_ += '\n';
  }

  void dump(const ProgramDeclaration& program) {
    put("program {}", program.name);
    const auto section = [this](std::string_view name, const ProgramDeclaration::Section& size) {
      put(" {}=", name);
      if (size.size == nullptr)
        put("{}", name == "stack" ? 1 : 0);
      else
        dump(*size.size);
      if (size.start == nullptr) return;
      out_ += '@';
      dump(*size.start);
    };
    section("text", program.text);
    section("data", program.data);
    section("bss", program.bss);
    section("stack", program.stack);
    out_ += program.unaligned ? " unaligned" : "";
    out_ += program.sticky ? " sticky" : "";
    char before = '=';
    if (!program.file_blocks.empty()) out_ += " file";
    for (const Expr* block : program.file_blocks) {
      out_ += std::exchange(before, ',');
      dump(*block);
    }
    if (program.file_of) put(" file-of={}", script_.programs[program.file_of->value].name);
    if (program.working_set) put(" working-set={}", *program.working_set);
    out_ += '\n';
  }

  // Statements.
  void dump(const NoteStatement& note) {
    out_ += "note \"";
    for (const NoteStatement::Part& part : note.parts) {
      out_ += part.text;
      if (part.value == nullptr) continue;
      out_ += '{';
      dump(*part.value);
      out_ += '}';
    }
    out_ += '"';
  }

  void dump(const SpawnStatement& spawn) {
    put("spawn {} as ", script_.programs[spawn.program.value].name);
    dump(spawn.name);
  }

  void dump(const OperationStatement& operation) {
    dump(operation.process);
    out_ += operation.begin ? ": begin " : ": ";
    std::visit([this](const auto& body) { dump(body); }, *operation.body);
  }

  void dump(const FinishStatement& finish) {
    if (finish.whose == FinishStatement::Whose::Process) dump(finish.process);
    if (finish.whose == FinishStatement::Whose::Vhand) out_ += "vhand";
    out_ += finish.whose == FinishStatement::Whose::All ? "finish" : ": finish";
  }

  void dump(const TickStatement& tick) {
    out_ += "tick";
    dump_after_blank(tick.ticks);
  }

  void dump(const RunStatement& run) {
    out_ += "run";
    dump_after_blank(run.seconds);
  }

  void dump(const AgeStatement&) { out_ += "age"; }

  void dump(const StealStatement& steal) {
    out_ += steal.begin ? "vhand: begin steal" : "steal";
    dump_after_blank(steal.frames);
  }

  void dump(const ShowStatement& show) {
    put("show {}", view_words()[static_cast<std::size_t>(show.view)]);
    for (const ProcessRef& name : show.names) {
      out_ += ' ';
      dump(name);
    }
    if (show.where != nullptr) {
      out_ += ' ';
      dump(*show.where);
    }
  }

  void dump(const ExpectStatement& expect) {
    out_ += "expect ";
    dump(*expect.condition);
    put(" \"{}\"{}", expect.text, expect.by_default ? " by default" : "");
  }

  void dump(const AuditStatement&) { out_ += "audit"; }

  void dump(const PresetStatement& preset) {
    out_ += "preset ";
    std::visit([this](const auto& body) { dump(body); }, *preset.body);
  }

  void dump(const PageForm& preset) {
    dump(preset.process);
    out_ += ' ';
    dump(preset.where);
    if (preset.frame != nullptr) dump_attribute("frame", *preset.frame);
    if (preset.disk) dump(*preset.disk);
    if (preset.age != nullptr) dump_attribute("age", *preset.age);
    using Part = PresetError::Part;
    const auto says = [&](Part part) { return preset.place_of(part).has_value(); };
    for (const auto& [given, word] : {std::pair{preset.valid == true, "valid"},
                                      {preset.valid == false, "invalid"},
                                      {says(Part::Cow), "cow"},
                                      {says(Part::Writable), "writable"},
                                      {says(Part::Referenced), "referenced"},
                                      {says(Part::Modified), "modified"}}) {
      if (given) put(" {}", word);
    }
  }

  void dump(const PfdataForm& preset) {
    out_ += "pfdata ";
    dump(*preset.frame);
    dump(preset.disk);
  }

  void dump(const FreelistForm& preset) {
    out_ += "freelist";
    for (const Expr* frame : preset.frames) dump_after_blank(frame);
  }

  void dump_attribute(std::string_view name, const Expr& value) {
    put(" {}=", name);
    dump(value);
  }

  void dump(const DiskForm& disk) {
    put(" disk={}", name(disk.kind));
    if (disk.program) put(":{}", script_.programs[disk.program->value].name);
    for (const Expr* part : {disk.device, disk.block}) {
      if (part != nullptr) {
        out_ += ':';
        dump(*part);
      }
    }
  }

  void dump(const LoopStatement& loop) {
    if (loop.first == nullptr) {
      out_ += "repeat ";
      dump(*loop.last);
      put(" as ${} {{", loop.slot);
      return;
    }
    put("for ${} in ", loop.slot);
    dump(*loop.first);
    out_ += "..";
    dump(*loop.last);
    out_ += " {";
  }

  void dump(const IfStatement& branch) {
    if (branch.condition == nullptr) {
      out_ += "else {";
      return;
    }
    out_ += "if ";
    dump(*branch.condition);
    put(" {{  # behind it: {}", branch.behind);
  }

  void dump(const CallStatement& call) {
    put("{}(", call.call->name);
    for (const Expr* value : call.call->values) {
      out_ += value == call.call->values.front() ? "" : ", ";
      dump(*value);
    }
    out_ += ") {";
  }

  // Operations.
  void dump(const AccessOp& op) {
    put("{} ", spelling(op.access == Access::Fetch ? Word::Fetch : Word::Read));
    dump(op.where);
  }

  void dump(const WriteOp& op) {
    out_ += "write ";
    dump(op.where);
    if (op.value == nullptr) return;
    out_ += " = ";
    dump(*op.value);
  }

  void dump(const PrintOp& op) {
    std::string_view before = "print ";
    for (const PrintItem& item : op.items) {
      out_ += std::exchange(before, ", ");
      if (item.where)
        dump(*item.where);
      else
        dump(*item.value);
      put(" \"{}\"", item.text);
    }
  }

  void dump(const ForkOp& op) {
    put("{} as ", spelling(op.vfork ? Word::Vfork : Word::Fork));
    dump(op.child);
  }

  void dump(const ExecOp& op) { put("exec {}", script_.programs[op.program.value].name); }

  void dump(const ExitOp& op) {
    out_ += "exit";
    dump_after_blank(op.status);
  }

  void dump(const WaitOp&) { out_ += "wait"; }

  void dump(const SbrkOp& op) {
    out_ += "sbrk";
    dump_after_blank(op.pages);
  }

  void dump(const ShmOp& op) {
    put("{} {}", spelling(op.call), key_text(script_, op.key));
    dump_after_blank(op.pages);
  }

  void dump(const PlockOp& op) { put("{} {}", spelling(op.lock ? Word::Plock : Word::Punlock), name(op.region)); }

  void dump(const NiceOp& op) {
    out_ += "nice";
    dump_after_blank(op.value);
  }

  void dump(const ReplayOp& replay) {
    const Replayed& op = *replay.what;
    put("replay \"{}\" as {}{}", op.name, kReferenceFormatWords[static_cast<std::size_t>(op.format)],
        op.packed ? " packed" : "");
    if (op.region) {
      out_ += " in ";
      dump(*op.region);
    }
  }

  void dump(const SwapOp& op) { out_ += spelling(op.out ? Word::Swapout : Word::Swapin); }

  // What statements and operations are about.
  void dump(const ProcessRef& process) {
    out_ += script_.process_names[process.name];
    dump_in_brackets(process.index);
  }

  void dump(const RegionRef& region) {
    out_ += name(region.type);
    if (region.type == RegionType::Shm) put(".{}", key_text(script_, region.key));
  }

  void dump(const Location& where) {
    if (where.kind != LocationKind::Address) dump(where.region);
    switch (where.kind) {
      case LocationKind::Page:
        return dump_in_brackets(where.first);
      case LocationKind::Pages:
        out_ += '[';
        dump(*where.first);
        out_ += "..";
        dump(*where.last);
        out_ += ']';
        return;
      case LocationKind::AllPages:
        out_ += "[*]";
        return;
      case LocationKind::Offset:
        out_ += '+';
        return dump(*where.first);
      case LocationKind::Address:
        out_ += '@';
        return dump(*where.first);
    }
  }

  // Expressions.
  void dump(const Expr& expr) {
    switch (expr.kind) {
      case ExprKind::Number:
        return dump_number(expr.number, expr.suffixed);
      case ExprKind::LoopVariable:
        return put("${}", expr.slot);
      case ExprKind::Param:
        return put("{}", script_.params[expr.slot].name);
      case ExprKind::Word:
        return put("{}", expr.word->text);
      case ExprKind::Path:
        return dump(*expr.path);
      case ExprKind::Draw:
        return dump(*expr.draw);
      default:
        break;
    }
    out_ += '(';
    if (expr.right == nullptr) {
      out_ += operator_text(expr.kind);
      dump(*expr.left);
    } else {
      dump(*expr.left);
      put(" {} ", operator_text(expr.kind));
      dump(*expr.right);
    }
    out_ += ')';
  }

  void dump(const Draw& draw) {
    out_ += draw.first == nullptr ? "zipf(" : "random(";
    if (draw.first != nullptr) {
      dump(*draw.first);
      out_ += "..";
    }
    dump(*draw.last);
    if (draw.exponent != nullptr) {
      out_ += ", ";
      dump(*draw.exponent);
      out_ += " percent";
    }
    out_ += ')';
  }

  void dump_after_blank(const Expr* expr) {
    if (expr == nullptr) return;
    out_ += ' ';
    dump(*expr);
  }

  void dump_in_brackets(const Expr* expr) {
    if (expr == nullptr) return;
    out_ += '[';
    dump(*expr);
    out_ += ']';
  }

  void dump(const Path& path) {
    switch (path.kind) {
      case PathKind::Counter:
        return put("{}", counter_name(path.index));
      case PathKind::Gauge:
        return put("{}", gauge_name(path.index));
      case PathKind::PageFrame:
      case PathKind::RegionById:
        out_ += path.kind == PathKind::PageFrame ? "pfdata" : "region";
        dump_in_brackets(path.first);
        break;
      case PathKind::SwapUse:
        out_ += "swap_use[";
        dump(*path.first);
        out_ += ',';
        dump(*path.second);
        out_ += ']';
        return;
      case PathKind::SwapMap:
        out_ += "swap_map";
        dump_in_brackets(path.first);
        break;
      case PathKind::SwapExtent:
        out_ += "swap_map[";
        dump(*path.first);
        out_ += ',';
        dump(*path.second);
        out_ += ']';
        break;
      case PathKind::Process:
        dump(path.process);
        break;
      case PathKind::Stealer:
        out_ += "vhand";
        break;
      case PathKind::Pregion:
        dump(path.process);
        out_ += '.';
        dump(path.region);
        break;
      case PathKind::Page:
        dump(path.process);
        out_ += '.';
        dump(path.region);
        dump_in_brackets(path.first);
        break;
      case PathKind::Cell:
        dump(path.process);
        out_ += ".(";
        dump(*path.location);
        out_ += ')';
        return;
    }
    put(".{}", path.column->name);
  }

  const Script& script_;
  std::string out_;
};

}  // namespace

std::string dump(const Script& script) { return Dumper(script).whole(); }

}  // namespace bachsim
