"""Wrong calls: every parameter of every public verb, times what people pass by mistake."""
