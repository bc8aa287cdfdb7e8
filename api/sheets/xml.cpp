#include "api/sheets/xml.h"

#include "api/sheets/sheet.h"

#include <expat.h>

#include <new>

namespace muster {
namespace {

std::string_view without_prefix(std::string_view name) { return name.substr(name.find(':') + 1); }

}  // namespace

std::optional<std::string_view> XmlAttributes::find(std::string_view name) const {
    for (const char** each = pairs_; *each; each += 2)
        if (without_prefix(each[0]) == name) return each[1];
    return std::nullopt;
}

struct XmlParser::State {
    XML_Parser parser = XML_ParserCreate(nullptr);
    XmlEvents* events = nullptr;
    std::size_t depth = 0;
    std::size_t fed_since_last = 0;  // bytes since something was told

    // Of whom something is told.
    static State& of(void* data) {
        auto& state = *static_cast<State*>(data);
        state.fed_since_last = 0;
        return state;
    }
    static void XMLCALL start(void* data, const char* name, const char** attributes) {
        auto& state = of(data);
        if (++state.depth > limits::sheet_xml_nesting) return stop(state);
        state.events->start(without_prefix(name), XmlAttributes(attributes));
    }
    static void XMLCALL end(void* data, const char* name) {
        auto& state = of(data);
        --state.depth;
        state.events->end(without_prefix(name));
    }
    static void XMLCALL text(void* data, const char* piece, int length) {
        of(data).events->text({piece, static_cast<std::size_t>(length)});
    }
    static void XMLCALL doctype(void* data, const char*, const char*, const char*, int) { stop(of(data)); }
    static void XMLCALL comment(void* data, const char*) { of(data); }
    static void XMLCALL instruction(void* data, const char*, const char*) { of(data); }
    static void stop(const State& state) { XML_StopParser(state.parser, XML_FALSE); }

    bool parse(std::string_view piece, bool last) {
        fed_since_last += piece.size();
        if (fed_since_last > limits::sheet_xml_token) return false;
        return XML_Parse(parser, piece.data(), static_cast<int>(piece.size()), last ? 1 : 0) == XML_STATUS_OK;
    }
};

XmlParser::XmlParser(XmlEvents& events) : state_(std::make_unique<State>()) {
    if (!state_->parser) throw std::bad_alloc();
    state_->events = &events;
    XML_SetUserData(state_->parser, state_.get());
    XML_SetElementHandler(state_->parser, &State::start, &State::end);
    XML_SetCharacterDataHandler(state_->parser, &State::text);
    XML_SetStartDoctypeDeclHandler(state_->parser, &State::doctype);
    XML_SetCommentHandler(state_->parser, &State::comment);
    XML_SetProcessingInstructionHandler(state_->parser, &State::instruction);
}

XmlParser::~XmlParser() {
    if (state_->parser) XML_ParserFree(state_->parser);
}

bool XmlParser::feed(std::string_view piece) { return state_->parse(piece, false); }
bool XmlParser::finish() { return state_->parse({}, true); }

}  // namespace muster
