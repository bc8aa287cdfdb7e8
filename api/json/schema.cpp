#include "api/json/schema.h"
