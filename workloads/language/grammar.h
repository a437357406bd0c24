// The parser's state while it goes through a script: recursive descent, one token of lookahead.
//
// A mistake is thrown as a Diagnostic up to its line, where it is noted; parsing goes on with the next line.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/state/column.h"
#include "workloads/language/parser.h"
#include "workloads/language/tokens.h"

namespace bachsim {

class Grammar : private Tokens {
 public:
  Grammar(Sources& sources, Includes& includes) : Tokens(sources), includes_(includes) {}

  // A whole file, statement by statement.
  void file(std::size_t index, const std::string& identity);

  // The files so far are the script.
  void end_script() { script_.end = static_cast<std::uint32_t>(script_.statements.size()); }

  // KEY=VALUE and the end of the text.
  Setting only_setting(std::size_t index);

  ParseResult finish();

 private:
  static constexpr std::uint32_t kMaxHeight = 500;  // of an expression
  static constexpr std::size_t kMaxBlocks = 100;    // inside each other
  static constexpr std::size_t kMaxIncludes = 100;  // inside each other
  static constexpr std::size_t kMaxFiles = 10'000;  // included in all
  static constexpr std::uint32_t kNoName = ~std::uint32_t{0};

  struct Var {
    Location location;
    Place place;
    bool used = false;
  };
  struct LoopVariable {
    Symbol name;
    std::uint32_t slot;
    Place place;
    bool used = false;
  };
  // The use of a name that no statement before it gives to a process.
  struct EarlyUse {
    std::uint32_t name;
    bool in_family;
    Place place;
  };
  // Whether a statement so far gives the name, alone or with an index, to a process.
  struct Given {
    bool alone = false;
    bool in_family = false;
  };
  struct KeyUse {
    Place place;
    bool used = false;
  };
  struct OpenBlock {
    Place place;
    std::size_t statement;  // its head; past the end for a block whose head was wrong
    bool names_variable;
  };

  // statements.cc
  void line();
  void statement();
  void recover();
  void close_block();
  void title();
  void include();
  void machine();
  void program();
  void program_item(ProgramDeclaration& program);
  ProgramDeclaration::Section section();
  void var();
  void spawn();
  void show();
  void expect_condition();
  void repeat();
  void for_loop();
  void open_loop(LoopStatement loop, const std::optional<Token>& variable);
  void top_level(const Token& word) const;
  // Takes the word of a statement that no machine statement may follow.
  void take_the_stage() {
    stage_set_ = true;
    advance();
  }
  Setting setting();

  // presets.cc
  void preset();
  PresetBody preset_page();
  void preset_attribute(PresetPage& page);
  PresetDisk preset_disk(bool of_frame);

  // operations.cc
  void operation();
  void operation_body(OperationBody& body);
  void assignment(Symbol name, Place place, WriteOp& op);
  void access(Access kind, AccessOp& op);
  void write(WriteOp& op);
  OperationBody call(Word word, Place place);
  OperationBody print();
  PrintItem print_item();
  OperationBody shm_call(Word call);
  OperationBody plock_call(bool lock);
  ProgramId program_name();
  RegionRef region_ref();
  std::uint64_t key();
  void location(Location& where);
  void region_location(Location& where);

  // expressions.cc
  const Expr* expression();      // a number
  const Expr* any_expression();  // a number or a word
  const Expr* sum();
  const Expr* operators(unsigned least);
  const Expr* operators_behind(const Expr* left, unsigned least);
  const Expr* negation();
  const Expr* unary();
  const Expr* primary();
  const Expr* number();
  const Expr* named();
  const Expr* bare_word(const Token& first);
  const Expr* path(const Path& path);
  const Expr* counter_path(const Token& word);
  const Expr* gauge_path(const Token& word);
  const Expr* number_path(PathKind kind, Place place, Place mistake, const std::string& name);
  const Expr* indexed_path(const Token& word, PathKind kind);
  const Expr* process_path(const Token& name);
  const Expr* region_path(const Token& name, ProcessRef process);
  template <class Columns>
  const ColumnInfo* column(const Columns& columns, std::string_view of, const std::vector<std::string_view>& also = {});
  const std::vector<std::string_view>& var_names();  // sorted
  std::vector<std::string_view> program_names() const;
  std::vector<std::string_view> loop_variable_names() const;
  Expr* node(ExprKind kind, Place place);
  std::uint16_t above(Place place, std::initializer_list<const Expr*> parts) const;
  const Expr* join(ExprKind kind, Place place, const Expr* left, const Expr* right);

  // kinds.cc
  const Expr* number_of(const Expr* expr) {
    if (expr->kind == ExprKind::Word || expr->kind == ExprKind::Path) [[unlikely]]
      check_number(expr);
    return expr;
  }
  void check_number(const Expr* expr);
  void check_comparison(ExprKind kind, Place place, const Expr* left, const Expr* right);
  void check_word(const Expr* word, const Expr* other);
  void stray_word(const Expr* word);
  // A line that is parsed but makes no sense. Only the first mistake of it is told, and none if it cannot be parsed.
  template <class... Args>
  void misuse(Place place, fmt::format_string<Args...> what, Args&&... args) {
    if (!misuse_) misuse_ = Diagnostic{place, fmt::format(what, std::forward<Args>(args)...)};
  }
  [[nodiscard]] bool can_be(const ColumnInfo& column, std::string_view word) const;

  // given.cc
  ProcessRef process_ref(bool give = false);
  ProcessRef ref_of(Symbol name, Place place, bool give);
  void settle_early_uses();
  void report_names();
  void report_unused();

  [[nodiscard]] std::string_view squeezed(Place begin, Place end);
  void add_error(Diagnostic diagnostic) {
    if (errors_.size() < kMaxErrors) errors_.push_back(std::move(diagnostic));
  }

  template <class Body>
  void add(const Body& body) {
    script_.statements.add(script_.arena, line_start_, last_end_, body);
  }

  Includes& includes_;
  Script script_;
  std::vector<Diagnostic> errors_;
  std::vector<Diagnostic> warnings_;
  std::optional<Diagnostic> misuse_;  // of this line
  Place line_start_;
  bool stage_set_ = false;  // a statement stands that a machine statement may not follow
  std::optional<Place> title_place_;
  std::unordered_map<Symbol, ProgramId> programs_;
  std::unordered_map<Symbol, Var> vars_;
  std::vector<std::string_view> var_names_;   // of the vars when var_names() was called last
  std::vector<std::uint32_t> process_names_;  // [Symbol]; kNoName where it is none yet
  std::vector<Given> given_;                  // [name]
  std::vector<EarlyUse> in_loops_;            // of uses in the outermost block, whose later rounds may come behind
  std::vector<EarlyUse> early_uses_;
  std::vector<bool> program_used_;  // [ProgramId]
  std::unordered_map<Symbol, std::uint64_t> shm_keys_;
  std::map<std::uint64_t, KeyUse> key_uses_;
  std::string_view actor_;  // whose operation the line is; empty if it is none
  std::vector<LoopVariable> loop_variables_;
  std::vector<OpenBlock> blocks_;
  std::uint32_t nesting_ = 0;           // of expressions in parentheses and brackets
  int open_braces_ = 0;                 // taken on this line
  Place brace_;                         // the last one
  std::vector<std::string> including_;  // identities of the files that are open
  const std::string* identity_ = nullptr;
  std::size_t includes_seen_ = 0;
  std::size_t outer_blocks_ = 0;  // blocks of the files around this one, which it cannot close
};

}  // namespace bachsim
