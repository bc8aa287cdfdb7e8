#pragma once
// The OpenAPI 3.1 document and the readable reference, written from the route table and the field lists.

#include <string>

namespace muster {

const std::string& openapi_document();
const std::string& docs_page();

}  // namespace muster
